import { IconBuildingStore } from "@tabler/icons-react";
import type { ProviderDefinition } from "../definition";

const vitrine: ProviderDefinition = {
  id: "VITRINE",
  name: "Vitrine",
  icon: IconBuildingStore,
  fields: [{ name: "token", secret: true, maxLength: 4096 }],
  credentials: "... on VitrineCredentials { token }",
  toInput: ({ token = "" }) => ({ vitrine: { token } }),
  toUpdate: ({ token }) => (token ? { vitrine: { token } } : undefined),
};

export default vitrine;
