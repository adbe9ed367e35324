import { type MarketplaceFieldsFragment, type MarketplaceTestFieldsFragment, Provider } from "@/gql/graphql";

/** Marketplaces for tests. */
const common = {
  id: "mkp_1",
  createdAt: "2026-11-24T12:00:00Z",
  updatedAt: "2026-11-24T12:00:00Z",
  version: 1,
  renewedAt: null,
  unreadAnswerUntil: null,
  providerMessage: null,
  technicalDetail: null,
  account: null,
  installLink: null,
};

export const health = (
  state: MarketplaceFieldsFragment["health"]["state"],
  reason: MarketplaceFieldsFragment["health"]["reason"],
) => ({
  state,
  reason,
  message: `${state} for ${reason}`,
  since: "2026-11-24T12:00:00Z",
  lastCheckedAt: null,
  nextCheckAt: null,
});

const secret = { setAt: "2026-11-24T12:00:00Z", setBy: "Marina", expiresAt: null, fingerprint: "ab12cd34" };

export const meuCarrinhoMarketplace = (change: Partial<MarketplaceFieldsFragment> = {}): MarketplaceFieldsFragment => ({
  ...common,
  provider: "MEU_CARRINHO",
  description: "Delivery",
  health: health("CONNECTED", "CHECK_PASSED"),
  config: { __typename: "MeuCarrinhoConfig", username: "integracao", password: secret },
  ...change,
});

export const plug4MarketMarketplace = (change: Partial<MarketplaceFieldsFragment> = {}): MarketplaceFieldsFragment => ({
  ...common,
  provider: "PLUG4MARKET",
  description: "Hub",
  health: health("CONNECTED", "CHECK_PASSED"),
  config: { __typename: "Plug4MarketConfig", accessToken: secret, refreshToken: secret },
  ...change,
});

export const nuvemshopMarketplace = (change: Partial<MarketplaceFieldsFragment> = {}): MarketplaceFieldsFragment => ({
  ...common,
  provider: "NUVEMSHOP",
  description: "Loja virtual",
  health: health("WAITING", "WAITING_FOR_MERCHANT"),
  config: { __typename: "NuvemshopConfig", storeUrl: null, storeId: null, accessToken: null },
  ...change,
});

export const testResult = (change: Partial<MarketplaceTestFieldsFragment> = {}): MarketplaceTestFieldsFragment => ({
  outcome: "OK",
  message: "O Meu Carrinho aceitou o usuário e a senha.",
  providerMessage: null,
  technicalDetail: null,
  identityWarning: null,
  account: null,
  ...change,
});

/** Of an installation with the software house's own log-in at Plug4Market. */
export const mintableStatuses = () => ({
  providers: providerStatuses.providers.map((status) => ({ ...status, mintable: status.provider === "PLUG4MARKET" })),
});

export const providerStatuses = {
  providers: Object.values(Provider).map((provider) => ({
    provider,
    configured: true,
    message: null as string | null,
    installable: provider === "NUVEMSHOP",
    testable: provider !== "SHOWKASE",
    mintable: false,
    panelUrl: provider === "MEU_CARRINHO" ? "https://painel.example/" : null,
  })),
};
