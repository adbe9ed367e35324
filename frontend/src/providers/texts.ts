import i18next, { type TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Provider } from "@/gql/graphql";
import { providers } from ".";

/** Where the texts of a provider are: src/i18n puts those of each folder there, under the folder's name. */
const keyOf = (provider: Provider, ...names: string[]) =>
  ["provider", provider.toLowerCase().replaceAll("_", "-"), ...names].join(".");

function textOf(t: TFunction, key: string): string | undefined {
  return i18next.exists(key) ? (t as (key: string) => string)(key) : undefined;
}

/** Returns a function that reads a text of a provider's folder; undefined where the folder has none of that name. */
export function useProviderText() {
  const { t } = useTranslation();
  return (provider: Provider, name: string) => textOf(t, keyOf(provider, name));
}

/** What a provider calls one of its fields or settings. */
export function providerFieldText(t: TFunction, field: string): string | undefined {
  return providers
    .flatMap(({ id }) => [keyOf(id, field), keyOf(id, "settings", field, "label")])
    .map((key) => textOf(t, key))
    .find((text) => text !== undefined);
}
