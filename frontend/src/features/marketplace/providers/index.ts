import type { Provider } from "@/gql/graphql";
import type { ProviderDefinition } from "./definition";
import { meuCarrinho } from "./meu-carrinho";
import { nuvemshop } from "./nuvemshop";
import { plug4market } from "./plug4market";
import { showkase } from "./showkase";

/** The providers in the order of their cards. Adding one means adding its folder and its line here. */
export const providers: readonly ProviderDefinition[] = [meuCarrinho, nuvemshop, plug4market, showkase];

export function providerOf(id: Provider): ProviderDefinition {
  const found = providers.find((provider) => provider.id === id);
  if (!found) throw new Error(`provider ${id} has no definition`);
  return found;
}
