import { integrationQuery } from "@/features/access-keys/firstRequest";

/** The tabs that the API page begins with. */
export const examples = [
  {
    query: `# Integração: o que uma chave de acesso abre (escolha "Com uma chave" acima)
# Integration: what an access key opens (choose "With a key" above)
${integrationQuery}
`,
  },
  {
    query: `# Clientes, uma página por vez (como operador)
# Clients, a page at a time (as the operator)
query Clients {
  clients(first: 10) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      node {
        id
        name
        documentFormatted
        products { product { name } nextStep }
      }
    }
  }
}
`,
  },
];
