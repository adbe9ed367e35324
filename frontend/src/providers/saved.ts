import type { MarketplaceFieldsFragment, SecretFieldsFragment } from "@/gql/graphql";
import type { Values } from "./definition";

/** What is known of a saved connection: the plain settings, and of each secret that it is set. */
export interface Saved {
  settings: Values;
  secrets: Readonly<Record<string, SecretFieldsFragment>>;
}

/** Sorts the fields of a connection's config, whichever provider's it is, into texts and states of secrets. */
export function readConfig({ __typename, ...fields }: MarketplaceFieldsFragment["config"]): Saved {
  const saved = { settings: {} as Record<string, string>, secrets: {} as Record<string, SecretFieldsFragment> };
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string") saved.settings[name] = value;
    else if (value) saved.secrets[name] = value;
  }
  return saved;
}
