import type { ProviderSettingInput } from "@/gql/graphql";
import type { Setting } from "./api";

/** What is typed, by the name of the setting; and of each secret whether it is to be taken away. */
export type SettingValues = Record<string, string>;

/** The value that says that a secret is to be taken away. No setting has a dash in its name. */
export const removalOf = (name: string) => `${name}-removed`;

/** Whether a setting is changed in the environment alone: what it sets, and an address that is not one of the vendor's. */
export const isFixed = ({ source, kind, choices }: Setting) =>
  source === "ENVIRONMENT" || (kind === "URL" && choices.length === 0);

const changeable = (settings: readonly Setting[]) => settings.filter((setting) => !isFixed(setting));

/** The values of the form at first: what is stored. A default is shown, not filled in. */
export function initialValues(settings: readonly Setting[]): SettingValues {
  return Object.fromEntries(
    changeable(settings).flatMap(({ name, kind, source, value }) =>
      kind === "SECRET"
        ? [
            [name, ""],
            [removalOf(name), ""],
          ]
        : [[name, source === "STORED" ? (value ?? "") : ""]],
    ),
  );
}

/** The settings that are to be sent: a secret that is neither typed nor taken away stays as it is. */
export function changedSettings(settings: readonly Setting[], values: SettingValues): ProviderSettingInput[] {
  const before = initialValues(settings);
  return changeable(settings).flatMap(({ name }) => {
    if (values[removalOf(name)]) return [{ name, value: "" }];
    const value = values[name] ?? "";
    return value === before[name] ? [] : [{ name, value }];
  });
}
