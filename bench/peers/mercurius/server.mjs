// The visible work of the portal as a user of Mercurius would write it: Fastify, a schema, better-sqlite3. It reads the
// file that bench fills for L, with the statements of L, and answers the documents that bench sends to the portal.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import Fastify from "fastify";
import mercurius from "mercurius";

const { PEER_LISTEN, PEER_DATABASE, PEER_SENTENCES, LIMIT_KEY } = process.env;
const sealKey = Buffer.from(LIMIT_KEY, "hex");
const sentences = JSON.parse(readFileSync(PEER_SENTENCES, "utf8"));

const schema = `
  type Query {
    integration: Integration!
    clients(first: Int, search: String): ClientConnection!
  }
  type Mutation { addMarketplace(input: AddMarketplaceInput!): AddMarketplacePayload! }

  type Integration { client: KeysClient! accessKey: AccessKey! revision: String! marketplaces: [KeysMarketplace!]! }
  type KeysClient { id: ID! name: String! document: String! }
  type AccessKey { id: ID! name: String! expiresAt: String overlapEndsAt: String }
  type KeysMarketplace {
    id: ID! provider: String! description: String! health: Health! credentialVersion: Int! credentials: Credentials!
  }
  type Health { state: String! reason: String! message: String! since: String! }
  union Credentials = MeuCarrinhoCredentials | NuvemshopCredentials | Plug4MarketCredentials | ShowKaseCredentials
  type MeuCarrinhoCredentials { username: String! password: String! }
  type NuvemshopCredentials { storeId: String! accessToken: String! headerName: String! headerValue: String! }
  type Plug4MarketCredentials { accessToken: String! expiresAt: String }
  type ShowKaseCredentials { token: String! }

  type ClientConnection { totalCount: Int! pageInfo: PageInfo! edges: [ClientEdge!]! }
  type PageInfo { hasNextPage: Boolean! }
  type ClientEdge { node: Client! }
  type Client { id: ID! name: String! tradeName: String! document: String! products: [ClientProduct!]! }
  type ClientProduct { id: ID! suspendedAt: String product: Product! marketplaces: [Marketplace!]! }
  type Product { id: ID! name: String! }
  type Marketplace { id: ID! provider: String! description: String! health: Health! }

  input AddMarketplaceInput { clientProductId: ID! description: String! config: ConfigInput! }
  input ConfigInput { showKase: ShowKaseInput! }
  input ShowKaseInput { token: String! }
  type AddMarketplacePayload { marketplace: Marketplace userErrors: [UserError!]! }
  type UserError { message: String! }
`;

const credentialTypes = {
  MEU_CARRINHO: "MeuCarrinhoCredentials",
  NUVEMSHOP: "NuvemshopCredentials",
  PLUG4MARKET: "Plug4MarketCredentials",
  SHOWKASE: "ShowKaseCredentials",
};

const db = new Database(PEER_DATABASE);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("cache_size = -8192");

const findKey = db.prepare(`SELECT k.id, k.name, k.expires_at expiresAt, k.overlap_ends_at overlapEndsAt,
  p.id productId, p.revision, c.id clientId, c.name clientName, c.document
  FROM access_keys k JOIN client_products p ON p.id = k.client_product_id JOIN clients c ON c.id = p.client_id
  WHERE k.hash = ? AND k.revoked_at IS NULL AND p.suspended_at IS NULL AND c.archived_at IS NULL`);
const findMarketplaces = db.prepare(`SELECT id, provider, description, sealed, credential_version credentialVersion,
  health_state state, health_reason reason, health_since since
  FROM marketplaces WHERE client_product_id = ? ORDER BY id`);
const findOperator = db.prepare("SELECT email FROM operator_tokens WHERE hash = ?");
const countClients = db
  .prepare("SELECT COUNT(*) FROM clients WHERE archived_at IS NULL AND search_text LIKE ?")
  .pluck();
const findPage = db.prepare(`SELECT c.id, c.name, c.trade_name tradeName, c.document,
  p.id clientProductId, p.suspended_at suspendedAt, s.id productId, s.name productName,
  m.id marketplaceId, m.provider, m.description, m.health_state state, m.health_reason reason
  FROM (SELECT id FROM clients WHERE archived_at IS NULL AND search_text LIKE ? ORDER BY name_key, id LIMIT ?) found
  JOIN clients c ON c.id = found.id
  JOIN client_products p ON p.client_id = c.id JOIN products s ON s.id = p.product_id
  JOIN marketplaces m ON m.client_product_id = p.id ORDER BY c.name_key, c.id, p.id, m.id`);
const insertMarketplace = db.prepare("INSERT INTO marketplaces VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)");
const raiseRevision = db.prepare(
  "UPDATE client_products SET revision = revision + 1 WHERE id = ? AND suspended_at IS NULL",
);
const add = db.transaction((clientProductId, m, sealed) => {
  insertMarketplace.run(
    m.id,
    clientProductId,
    m.provider,
    m.description,
    sealed,
    m.health.state,
    m.health.reason,
    m.health.since,
  );
  if (raiseRevision.run(clientProductId).changes !== 1) throw new Error("no such product of a client");
});

// A sealed value is its nonce of 12 bytes, the ciphertext and the tag of 16; the id of its row is authenticated.
function seal(id, text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", sealKey, nonce).setAAD(Buffer.from(id));
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

function open(id, sealed) {
  const decipher = createDecipheriv("aes-256-gcm", sealKey, sealed.subarray(0, 12)).setAAD(Buffer.from(id));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString("utf8");
}

const hashOf = (token) => createHash("sha256").update(token).digest();

function checkOperator(token) {
  if (!findOperator.get(hashOf(token))) throw new Error("unauthorized");
}

function keysMarketplace({ id, provider, description, sealed, credentialVersion, state, reason, since }) {
  const message = sentences[`health.erp.${reason}`] ?? sentences[`health.${reason}`];
  const credentials = { ...JSON.parse(open(id, sealed)), __typename: credentialTypes[provider] };
  return { id, provider, description, health: { state, reason, message, since }, credentialVersion, credentials };
}

// group puts the rows of a page where they belong: they come in the order of the answer.
function group(rows) {
  const edges = [];
  for (const r of rows) {
    let client = edges.at(-1)?.node;
    if (client?.id !== r.id) {
      client = { id: r.id, name: r.name, tradeName: r.tradeName, document: r.document, products: [] };
      edges.push({ node: client });
    }
    let owned = client.products.at(-1);
    if (owned?.id !== r.clientProductId) {
      const product = { id: r.productId, name: r.productName };
      owned = { id: r.clientProductId, suspendedAt: r.suspendedAt, product, marketplaces: [] };
      client.products.push(owned);
    }
    const health = { state: r.state, reason: r.reason };
    owned.marketplaces.push({ id: r.marketplaceId, provider: r.provider, description: r.description, health });
  }
  return edges;
}

const resolvers = {
  Query: {
    integration(_, __, { token }) {
      const key = findKey.get(hashOf(token));
      if (!key) throw new Error("unauthorized");
      return {
        client: { id: key.clientId, name: key.clientName, document: key.document },
        accessKey: key,
        revision: String(key.revision),
        marketplaces: findMarketplaces.all(key.productId).map(keysMarketplace),
      };
    },
    clients(_, { first, search }, { token }) {
      checkOperator(token);
      const folded = search.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
      const totalCount = countClients.get(`%${folded}%`);
      return {
        totalCount,
        pageInfo: { hasNextPage: totalCount > first },
        edges: group(findPage.all(`%${folded}%`, first)),
      };
    },
  },
  Mutation: {
    addMarketplace(_, { input }, { token }) {
      checkOperator(token);
      const { clientProductId, description, config } = input;
      const health = { state: "NOT_TESTABLE", reason: "NO_TEST_AVAILABLE", since: new Date().toISOString() };
      const marketplace = { id: `mkp_${randomBytes(16).toString("hex")}`, provider: "SHOWKASE", description, health };
      add(clientProductId, marketplace, seal(marketplace.id, JSON.stringify({ token: config.showKase.token })));
      return { marketplace, userErrors: [] };
    },
  },
  Credentials: { resolveType: (credentials) => credentials.__typename },
};

const app = Fastify();
const context = (request) => ({ token: (request.headers.authorization ?? "").replace("Bearer ", "") });
app.register(mercurius, { schema, resolvers, context, jit: 1 });
app.get("/readyz", async () => "ready");
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => app.close().then(() => db.close()));
const [host, port] = PEER_LISTEN.split(":");
await app.listen({ host, port: Number(port) });
