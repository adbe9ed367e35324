import { IconBuildingStore } from "@tabler/icons-react";
import { nothingSaved, type ProviderDefinition } from "../definition";

export const showkase: ProviderDefinition = {
  id: "SHOWKASE",
  name: "ShowKase",
  icon: IconBuildingStore,
  card: "provider.showkase.card",
  fields: [
    {
      name: "token",
      label: "provider.showkase.token",
      help: "provider.showkase.tokenHelp",
      secret: true,
      maxLength: 4096,
    },
  ],
  replace: "provider.showkase.replace",
  toInput: ({ token = "" }) => ({ showKase: { token } }),
  toUpdate: ({ token }) => (token ? { showKase: { token } } : undefined),
  read: (config) =>
    config.__typename === "ShowKaseConfig" ? { settings: {}, secrets: { token: config.token } } : nothingSaved,
};
