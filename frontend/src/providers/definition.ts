import type { Icon } from "@tabler/icons-react";
import type { MarketplaceConfigInput, MarketplaceConfigUpdateInput, Provider } from "@/gql/graphql";

/** What was typed, by the name of the field. */
export type Values = Readonly<Record<string, string>>;

export interface Field {
  /** The field's name in the provider's input type, so that the server's errors find it; its label and its help go by it. */
  name: string;
  /** A secret is written and replaced, never read. */
  secret?: boolean;
  optional?: boolean;
  maxLength: number;
}

/**
 * Everything the page knows of a provider. The folder of a provider has it in index.ts, and its texts in texts.json, by
 * language. These texts are by the names of
 * - card: on the provider's card
 * - instructions: under the field of the description; optional
 * - replace: the button that leads to new credentials when the provider has refused the old ones; optional
 * - NAME, NAMEHelp: the label of a field or of a secret that an install gives; the help is optional
 * - settings: the label, the help and the words of the choices of what an administrator sets
 */
export interface ProviderDefinition {
  id: Provider;
  /** A proper name: the same in every language. */
  name: string;
  icon: Icon;
  fields: readonly Field[];
  /** Names of the secrets that nobody types, such as what an install gives. */
  given?: readonly string[];
  /** What the first request of a back-office asks for: a selection of the provider's type of credentials. */
  credentials: string;
  toInput(values: Values): MarketplaceConfigInput;
  /** Undefined when nothing but the description changes. Empty secrets are kept. */
  toUpdate(values: Values): MarketplaceConfigUpdateInput | undefined;
  /** Which field needs what, beyond being filled in: names of texts by the name of the field. */
  check?(values: Values): Readonly<Record<string, string>>;
}
