import { IconShoppingCart } from "@tabler/icons-react";
import { nothingSaved, type ProviderDefinition } from "../definition";

export const meuCarrinho: ProviderDefinition = {
  id: "MEU_CARRINHO",
  name: "Meu Carrinho",
  icon: IconShoppingCart,
  card: "provider.meuCarrinho.card",
  fields: [
    {
      name: "username",
      label: "provider.meuCarrinho.username",
      help: "provider.meuCarrinho.usernameHelp",
      maxLength: 200,
    },
    {
      name: "password",
      label: "provider.meuCarrinho.password",
      help: "provider.meuCarrinho.passwordHelp",
      secret: true,
      maxLength: 4096,
    },
  ],
  replace: "provider.meuCarrinho.replace",
  toInput: ({ username = "", password = "" }) => ({ meuCarrinho: { username, password } }),
  toUpdate: ({ username = "", password }) => ({ meuCarrinho: { username, ...(password ? { password } : {}) } }),
  read: (config) =>
    config.__typename === "MeuCarrinhoConfig"
      ? { settings: { username: config.username }, secrets: { password: config.password } }
      : nothingSaved,
};
