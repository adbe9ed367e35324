import type { Provider } from "@/gql/graphql";
import { useProviderText } from "@/providers/texts";

/**
 * The texts of a provider's settings. Which settings there are is the server's word: one that this page has no texts
 * for is shown by its name.
 */
export function useSettingTexts(provider: Provider) {
  const providerText = useProviderText();
  const text = (key: string) => providerText(provider, `settings.${key}`);
  return {
    label: (name: string) => text(`${name}.label`) ?? name,
    help: (name: string) => text(`${name}.help`),
    choice: (name: string, value: string) => text(`${name}.choice.${value}`) ?? value,
  };
}
