import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const generated = fileURLToPath(new URL("../src/gql/graphql.ts", import.meta.url));

/**
 * Puts the text of each GraphQL document where it is used: graphql(`query Clients ...`) becomes that operation with its
 * fragments, as codegen wrote it. A page so loads its own documents alone; src/gql as it is holds all of them, twice.
 */
export function documents(): Plugin {
  return {
    name: "documents",
    enforce: "pre",
    transform(code, id) {
      const path = id.split("?")[0] ?? id;
      if (path === generated)
        return code.replaceAll(" new TypedDocumentString(", " /* @__PURE__ */ new TypedDocumentString(");
      if (!path.includes("/src/") || path.includes("/src/gql/") || !code.includes("graphql(`")) return;
      this.addWatchFile(generated);
      const texts = documentTexts();
      return code.replace(/\bgraphql\(`\s*(\w+) (\w+)[^`]*`\)/g, (_, kind: string, name: string) => {
        const text = texts.get(`${name}${kind === "fragment" ? "FragmentDoc" : "Document"}`);
        if (text === undefined) this.error(`src/gql knows no ${kind} ${name}: run "npm run codegen"`);
        // A fragment is nothing by itself; the operations that use it have it.
        return kind === "fragment" ? "undefined" : JSON.stringify(text);
      });
    },
  };
}

/** The documents of the generated file by the names of their constants. */
function documentTexts() {
  const constants = /^export const (\w+) = new TypedDocumentString\(`([^`]*)`/gm;
  return new Map(
    [...readFileSync(generated, "utf8").matchAll(constants)].map(([, name, text]) => [
      name,
      text?.trim().replace(/\n\s*/g, "\n"),
    ]),
  );
}
