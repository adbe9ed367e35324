import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";
import { documents } from "./build/documents";
import { mantineStyles } from "./build/mantineStyles";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const server = process.env.CHAVEIRO_DEV_SERVER ?? "http://127.0.0.1:8080";

// A page that is hosted apart from the portal has the portal's public URL built in.
const { VITE_PORTAL_URL: portal } = loadEnv(process.env.NODE_ENV ?? "production", path("."));
if (portal && !(URL.canParse(portal) && new URL(portal).origin === portal))
  throw new Error(
    "VITE_PORTAL_URL must be the portal's public URL, such as https://portal.example.com, with nothing after it",
  );

export default defineConfig({
  plugins: [documents(), mantineStyles(), react()],
  resolve: { alias: { "@": path("./src") } },
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
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    css: false,
    maxWorkers: 2,
    testTimeout: 90_000,
  },
});
