import { IconBuildingStore } from "@tabler/icons-react";
import type { ProviderDefinition } from "../definition";

const showkase: ProviderDefinition = {
  id: "SHOWKASE",
  name: "ShowKase",
  icon: IconBuildingStore,
  fields: [{ name: "token", secret: true, maxLength: 4096 }],
  credentials: "... on ShowKaseCredentials { token }",
  toInput: ({ token = "" }) => ({ showKase: { token } }),
  toUpdate: ({ token }) => (token ? { showKase: { token } } : undefined),
};

export default showkase;
