import { IconPlug } from "@tabler/icons-react";
import { nothingSaved, type ProviderDefinition } from "../definition";

export const plug4market: ProviderDefinition = {
  id: "PLUG4MARKET",
  name: "Plug4Market",
  icon: IconPlug,
  card: "provider.plug4market.card",
  fields: [
    {
      name: "accessToken",
      label: "provider.plug4market.accessToken",
      help: "provider.plug4market.accessTokenHelp",
      secret: true,
      maxLength: 4096,
    },
    {
      name: "refreshToken",
      label: "provider.plug4market.refreshToken",
      help: "provider.plug4market.refreshTokenHelp",
      secret: true,
      maxLength: 4096,
    },
  ],
  replace: "provider.plug4market.replace",
  toInput: ({ accessToken = "", refreshToken = "" }) => ({ plug4Market: { accessToken, refreshToken } }),
  toUpdate: ({ accessToken, refreshToken }) =>
    accessToken || refreshToken ? { plug4Market: { accessToken, refreshToken } } : undefined,
  // The pair belongs together: replacing half of it would break the renewal.
  check: ({
    accessToken,
    refreshToken,
  }): { accessToken?: "provider.plug4market.pair"; refreshToken?: "provider.plug4market.pair" } => {
    if (Boolean(accessToken) === Boolean(refreshToken)) return {};
    return accessToken ? { refreshToken: "provider.plug4market.pair" } : { accessToken: "provider.plug4market.pair" };
  },
  read: (config) =>
    config.__typename === "Plug4MarketConfig"
      ? { settings: {}, secrets: { accessToken: config.accessToken ?? undefined, refreshToken: config.refreshToken } }
      : nothingSaved,
};
