import { useTranslation } from "react-i18next";
import type { Provider } from "@/gql/graphql";

/**
 * The texts of a provider's settings. Which settings there are is the server's word: one that this page has no texts
 * for is shown by its name.
 */
export function useSettingTexts(provider: Provider) {
  const { t, i18n } = useTranslation();
  const text = (key: string) => (i18n.exists(key) ? (t as (key: string) => string)(key) : undefined);
  return {
    label: (name: string) => text(`settings.${provider}.${name}.label`) ?? name,
    help: (name: string) => text(`settings.${provider}.${name}.help`),
    choice: (name: string, value: string) => text(`settings.${provider}.${name}.choice.${value}`) ?? value,
  };
}
