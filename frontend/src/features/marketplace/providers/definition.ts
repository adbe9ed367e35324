import type { Icon } from "@tabler/icons-react";
import type { ParseKeys } from "i18next";
import type {
  MarketplaceConfigInput,
  MarketplaceConfigUpdateInput,
  MarketplaceFieldsFragment,
  Provider,
  SecretFieldsFragment,
} from "@/gql/graphql";

export type Config = MarketplaceFieldsFragment["config"];

/** What was typed, by the name of the field. */
export type Values = Readonly<Record<string, string>>;

export interface Field {
  /** The field's name in the provider's input type, so that the server's errors find it. */
  name: string;
  label: ParseKeys;
  help?: ParseKeys;
  /** A secret is written and replaced, never read. */
  secret?: boolean;
  optional?: boolean;
  maxLength: number;
}

/** What is known of a saved connection: the plain settings, and of each secret that it is set. */
export interface Saved {
  settings: Values;
  secrets: Readonly<Record<string, SecretFieldsFragment | null | undefined>>;
}

/** For a config that is another provider's. */
export const nothingSaved: Saved = { settings: {}, secrets: {} };

/** Everything the page knows of a provider. One folder a provider defines one; index.ts registers it. */
export interface ProviderDefinition {
  id: Provider;
  /** A proper name: the same in every language. */
  name: string;
  icon: Icon;
  /** On the provider's card. */
  card: ParseKeys;
  /** Under the field of the description. */
  instructions?: ParseKeys;
  fields: readonly Field[];
  /** Secrets that nobody types, such as what an install gives; by name. */
  given?: Readonly<Record<string, ParseKeys>>;
  /** The button that leads to new credentials when the provider has refused the old ones. */
  replace?: ParseKeys;
  toInput(values: Values): MarketplaceConfigInput;
  /** Undefined when nothing but the description changes. Empty secrets are kept. */
  toUpdate(values: Values): MarketplaceConfigUpdateInput | undefined;
  /** Which field needs what, beyond being filled in; by the name of the field. */
  check?(values: Values): Partial<Record<string, ParseKeys>>;
  read(config: Config): Saved;
}
