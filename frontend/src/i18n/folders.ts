import type { Texts } from "./speech";

/** Puts the texts of the providers, by the files of their folders, where their keys begin with provider.FOLDER. */
export const withProviders = (texts: Texts, files: Record<string, Texts>): Texts => ({
  ...texts,
  provider: Object.fromEntries(Object.entries(files).map(([path, own]) => [path.split("/").at(-2), own])),
});
