import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const sheet = "virtual:mantine.css";
/** A module of Mantine that names the classes of a component: its package, and its code has the names. */
const classes = /\/@mantine\/(\w+)\/esm\/.*\.module\.mjs$/;
const packages = ["core", "notifications"];

/**
 * Gives each component of Mantine its own part of the style sheet, so that a page loads the rules of the components that
 * it shows. All of Mantine's rules are in the layer "mantine": the page's own, which are in none, win whenever they
 * come. While developing there is one sheet for all components.
 */
export function mantineStyles(): Plugin {
  let building = false;
  /** The rules of the components' modules, by the package and then by one of the module's classes. */
  const parts = new Map<string, string>();
  return {
    name: "mantine-styles",
    enforce: "pre",
    configResolved: ({ command }) => {
      building = command === "build";
    },
    resolveId: (id) => (id === sheet || id.startsWith("virtual:mantine/") ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${sheet}`) return inLayer(packages.flatMap((name) => (building ? baseRules(name) : rulesOf(name))));
      return parts.get(id);
    },
    transform(code, id) {
      const [, name] = classes.exec(id) ?? [];
      const named = code.match(/\bm_[0-9a-f]+\b/g);
      if (!building || !name || !named) return;
      const part = `virtual:mantine/${named[0]}.css`;
      const own = rulesOf(name).filter((rule) => classesOf(rule).some((one) => named.includes(one)));
      parts.set(`\0${part}`, inLayer(own));
      return `import "${part}";\n${code}`;
    },
  };
}

const inLayer = (rules: string[]) => `@layer mantine {\n${withoutColors(rules.join("\n"))}\n}`;

const classesOf = (rule: string) => [...rule.matchAll(/\.(m_[0-9a-f]+)/g)].map(([, name = ""]) => name);

/** The rules that are of no component: the variables, and what makes browsers alike. */
const baseRules = (name: string) => rulesOf(name).filter((rule) => classesOf(rule).length === 0);

/** Of the colours that the page does not use there are no variables. */
const withoutColors = (css: string) => css.replace(/--mantine-color-(pink|violet|indigo|cyan|lime)-[\w-]+:[^;]+;/g, "");

const known = new Map<string, string[]>();

/** The rules of a package, each whole: a style sheet of Mantine has no braces in strings. */
function rulesOf(name: string): string[] {
  const found = known.get(name);
  if (found) return found;
  const css = readFileSync(
    fileURLToPath(new URL(`../node_modules/@mantine/${name}/styles.css`, import.meta.url)),
    "utf8",
  );
  const rules: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < css.length; at++) {
    if (css[at] === "{") depth++;
    if (css[at] !== "}" || --depth > 0) continue;
    rules.push(css.slice(start, at + 1));
    start = at + 1;
  }
  known.set(name, rules);
  return rules;
}
