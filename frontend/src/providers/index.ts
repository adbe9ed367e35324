import type { Provider } from "@/gql/graphql";
import type { ProviderDefinition } from "./definition";

/** The providers in the order of their cards, which is that of their folders. Adding one means adding its folder. */
export const providers: readonly ProviderDefinition[] = Object.values(
  import.meta.glob<ProviderDefinition>("./*/index.ts", { eager: true, import: "default" }),
);

export function providerOf(id: Provider): ProviderDefinition {
  const found = providers.find((provider) => provider.id === id);
  if (!found) throw new Error(`provider ${id} has no definition`);
  return found;
}
