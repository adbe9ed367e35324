import { IconPlug } from "@tabler/icons-react";
import type { ProviderDefinition } from "../definition";

const plug4market: ProviderDefinition = {
  id: "PLUG4MARKET",
  name: "Plug4Market",
  icon: IconPlug,
  fields: [
    { name: "accessToken", secret: true, maxLength: 4096 },
    { name: "refreshToken", secret: true, maxLength: 4096 },
  ],
  credentials: "... on Plug4MarketCredentials { accessToken expiresAt }",
  toInput: ({ accessToken = "", refreshToken = "" }) => ({ plug4Market: { accessToken, refreshToken } }),
  toUpdate: ({ accessToken, refreshToken }) =>
    accessToken || refreshToken ? { plug4Market: { accessToken, refreshToken } } : undefined,
  // The pair belongs together: replacing half of it would break the renewal.
  check: ({ accessToken, refreshToken }): Record<string, string> => {
    if (Boolean(accessToken) === Boolean(refreshToken)) return {};
    return accessToken ? { refreshToken: "pair" } : { accessToken: "pair" };
  },
};

export default plug4market;
