// Prints the answer that urql gets with persisted queries.
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const [url, key] = process.argv.slice(2);
const client = new Client({
  url,
  preferGetMethod: false,
  exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
  fetchOptions: { headers: { Authorization: `Bearer ${key}` } },
});
const { data, error } = await client.query("query Name { integration { client { name } } }", {}).toPromise();
if (error) throw error;
console.log(JSON.stringify(data));
