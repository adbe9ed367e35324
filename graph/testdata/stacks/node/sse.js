// Prints the first event of a subscription over Server-Sent Events, as graphql-sse reads it.
import { createClient } from "graphql-sse";

const [url, key] = process.argv.slice(2);
const client = createClient({ url, headers: { Authorization: `Bearer ${key}` } });
for await (const event of client.iterate({ query: "subscription { integrationChanges { client { name } } }" })) {
  console.log(JSON.stringify(event));
  break;
}
client.dispose();
process.exit(0);
