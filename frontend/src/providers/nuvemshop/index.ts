import { IconCloud } from "@tabler/icons-react";
import type { ProviderDefinition } from "../definition";

const nuvemshop: ProviderDefinition = {
  id: "NUVEMSHOP",
  name: "Nuvemshop",
  icon: IconCloud,
  fields: [{ name: "storeUrl", optional: true, maxLength: 200 }],
  given: ["accessToken"],
  credentials: "... on NuvemshopCredentials { storeId accessToken }",
  toInput: ({ storeUrl }) => ({ nuvemshop: { storeUrl: storeUrl || null } }),
  toUpdate: ({ storeUrl = "" }) => ({ nuvemshop: { storeUrl } }), // an empty one removes what was there
};

export default nuvemshop;
