import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";
import { documents } from "./build/documents";
import { mantineStyles } from "./build/mantineStyles";
import { texts } from "./build/texts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const server = process.env.CHAVEIRO_DEV_SERVER ?? "http://127.0.0.1:8080";

// A page that is hosted apart from the portal has the portal's public URL built in.
const { VITE_PORTAL_URL: portal } = loadEnv(process.env.NODE_ENV ?? "production", path("."));
if (portal && !(URL.canParse(portal) && new URL(portal).origin === portal))
  throw new Error(
    "VITE_PORTAL_URL must be the portal's public URL, such as https://portal.example.com, with nothing after it",
  );

/** What every page is made of, and the page of GraphiQL too. */
const frame =
  /\/node_modules\/(react|react-dom|scheduler|clsx|@tanstack\/(react-router|router-core|history|react-store|store|react-query|query-core)|@mantine\/core\/esm\/core)\/|\/src\/(lib|gql)\//;
/** Parts of many pages. What fewer pages share is split as it comes. */
const kit = /\/@mantine\/(?!form)|\/@tabler\/|\/src\/components\//;
const small = /\/@tabler\/|\/src\/(components|features|providers)\//;

export default defineConfig({
  plugins: [documents(), mantineStyles(), texts(), react()],
  resolve: {
    alias: [
      { find: "@", replacement: path("./src") },
      // Of i18next only the types are used: what the page needs of it is a twentieth.
      { find: /^(react-)?i18next$/, replacement: path("./src/i18n/speech.ts") },
    ],
  },
  // What makes workers is read by Vite itself: bundled before, its addresses of them lead nowhere.
  optimizeDeps: { exclude: ["graphiql/setup-workers/vite", "@graphiql/react/setup-workers/vite"] },
  server: {
    proxy: {
      // What is the program's and not the page's.
      "^/(graphql|export|install|webhooks|assets|healthz|readyz)(/|$|\\?)": { target: server, changeOrigin: false },
      // The server gives the GraphiQL page this short address; in development Vite does.
      "^/graphiql$": { target: server, bypass: () => "/graphiql.html" },
    },
  },
  build: {
    // The content security policy knows no data: fonts, and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Which file needs which: the test of the budget reads it.
    manifest: true,
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      input: { index: path("./index.html"), graphiql: path("./graphiql.html") },
      output: {
        // A few files for each page in place of a hundred: what each page needs, and then what several pages share.
        codeSplitting: {
          groups: [
            { name: "frame", test: frame, priority: 2 },
            { name: "kit", test: kit, minShareCount: 12, priority: 1 },
            { name: "small", test: small, minShareCount: 4, maxModuleSize: 1_500 },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "build/*.test.ts"],
    setupFiles: ["src/test/setup.ts"],
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    css: false,
    maxWorkers: 2,
    testTimeout: 90_000,
  },
});
