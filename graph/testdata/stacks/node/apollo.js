// Prints the answer that Apollo Client gets with persisted queries, by hash and GET first.
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client/core/index.js";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries/index.js";
import { createHash } from "node:crypto";

const [url, key] = process.argv.slice(2);
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new PersistedQueryLink({
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      useGETForHashedQueries: true,
    }),
    new HttpLink({ uri: url, headers: { Authorization: `Bearer ${key}` } }),
  ]),
});
const { data } = await client.query({ query: gql`query Name { integration { client { name } } }` });
console.log(JSON.stringify(data));
