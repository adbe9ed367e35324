import { IconShoppingCart } from "@tabler/icons-react";
import type { ProviderDefinition } from "../definition";

const meuCarrinho: ProviderDefinition = {
  id: "MEU_CARRINHO",
  name: "Meu Carrinho",
  icon: IconShoppingCart,
  fields: [
    { name: "username", maxLength: 200 },
    { name: "password", secret: true, maxLength: 4096 },
  ],
  credentials: "... on MeuCarrinhoCredentials { username password }",
  toInput: ({ username = "", password = "" }) => ({ meuCarrinho: { username, password } }),
  toUpdate: ({ username = "", password }) => ({ meuCarrinho: { username, ...(password ? { password } : {}) } }),
};

export default meuCarrinho;
