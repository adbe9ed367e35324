import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const packages = path("../node_modules/@mantine/");
const core = `${packages}core/esm/index.mjs`;

/**
 * Leaves out of Mantine's style sheet what is of components that the page does not use: half of it. A component needs
 * the rules with the classes of its own modules and of those that they import.
 */
export function mantineStyles(): Plugin {
  return {
    name: "mantine-styles",
    apply: "build",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/@mantine/core/styles.css")) return;
      const used = usedClasses();
      return topLevelRules(code)
        .filter((rule) => {
          const classes = rule.match(/\.m_[0-9a-f]+/g);
          return !classes || classes.some((name) => used.has(name.slice(1)));
        })
        .join("\n");
    },
  };
}

/** The rules of a style sheet that has no strings with braces, each with what it holds. */
export function topLevelRules(css: string): string[] {
  const rules: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < css.length; at++) {
    if (css[at] === "{") depth++;
    if (css[at] !== "}" || --depth > 0) continue;
    rules.push(css.slice(start, at + 1));
    start = at + 1;
  }
  return rules;
}

/** The classes of all of Mantine's components that the page, or a package of Mantine that it uses, imports by name. */
export function usedClasses(): Set<string> {
  const sources = filesUnder(path("../src"), /(?<!\.test)\.tsx?$/);
  const extensions = new Set(
    sources.flatMap((source) => [...source.matchAll(/"@mantine\/(\w+)"/g)].map(([, name]) => name)),
  );
  extensions.delete("core");
  const importers = [...sources, ...[...extensions].flatMap((name) => filesUnder(`${packages}${name}/esm`, /\.mjs$/))];
  const names = new Set(importers.flatMap(namesFromCore));

  const modules = new Set<string>();
  const visit = (file: string) => {
    if (modules.has(file)) return;
    modules.add(file);
    for (const [, imported = ""] of readFileSync(file, "utf8").matchAll(/ from "(\.[^"]+)"/g))
      visit(resolve(dirname(file), imported));
  };
  for (const [, listed = "", file = ""] of readFileSync(core, "utf8").matchAll(/^import (.+) from "(\..+)";$/gm)) {
    if (listed.match(/\w+/g)?.some((name) => names.has(name))) visit(resolve(dirname(core), file));
  }
  return new Set([...modules].flatMap((file) => readFileSync(file, "utf8").match(/\bm_[0-9a-f]+\b/g) ?? []));
}

/** What a source imports from "@mantine/core" besides types. */
function namesFromCore(source: string): string[] {
  return [...source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)].flatMap(([, listed = ""]) =>
    listed
      .split(",")
      .map((name) => name.trim().split(" as ")[0] ?? "")
      .filter((name) => name && !name.startsWith("type ")),
  );
}

const filesUnder = (folder: string, name: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .map((file) => readFileSync(resolve(folder, file), "utf8"));
