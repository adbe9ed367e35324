import { IconCloud } from "@tabler/icons-react";
import { nothingSaved, type ProviderDefinition } from "../definition";

export const nuvemshop: ProviderDefinition = {
  id: "NUVEMSHOP",
  name: "Nuvemshop",
  icon: IconCloud,
  card: "provider.nuvemshop.card",
  instructions: "provider.nuvemshop.instructions",
  fields: [
    {
      name: "storeUrl",
      label: "provider.nuvemshop.storeUrl",
      help: "provider.nuvemshop.storeUrlHelp",
      optional: true,
      maxLength: 200,
    },
  ],
  given: { accessToken: "provider.nuvemshop.accessToken" },
  toInput: ({ storeUrl }) => ({ nuvemshop: { storeUrl: storeUrl || null } }),
  toUpdate: ({ storeUrl = "" }) => ({ nuvemshop: { storeUrl } }), // an empty one removes what was there
  read: (config) =>
    config.__typename === "NuvemshopConfig"
      ? { settings: { storeUrl: config.storeUrl ?? "" }, secrets: { accessToken: config.accessToken } }
      : nothingSaved,
};
