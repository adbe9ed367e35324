import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { laterTexts } from "./texts";

/** At most so much is loaded before a page is there, each file compressed by itself. */
const budget = 200 * 1024;

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

const built = existsSync("dist/.vite/manifest.json");
const manifest: Record<string, Chunk> = built ? JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8")) : {};
const read = (file: string) => readFileSync(`dist/${file}`);

/** The files that come with these modules, also those that they import. */
function filesOf(modules: string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string) => {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`the build has no ${name}`);
    if (seen.has(name)) return;
    seen.add(name);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    chunk.imports?.forEach(visit);
  };
  modules.forEach(visit);
  return files;
}

/** The pages, as the router has them: the module, whether the menu is beside it, and the texts that it waits for. */
const router = readFileSync("src/app/router.tsx", "utf8");
const pages = [...router.matchAll(/(withTexts\()?import\("@\/(routes\/\w+)"\)((?:, "\w+")*)/g)].map(
  ([, waits, name = "", parts = ""]) => ({
    name,
    module: `src/${name}.tsx`,
    parts: waits ? [...parts.matchAll(/\w+/g)].map(([part]) => part) : [],
    menu: !["routes/login", "routes/setup", "routes/password"].includes(name),
  }),
);

// "make test" builds before; without a build there is nothing to weigh.
describe.skipIf(!built)("the first load", () => {
  const codeOf = ({ module, menu }: (typeof pages)[number]) => [
    "index.html",
    module,
    ...(menu ? ["src/app/Shell.tsx"] : []),
  ];

  it("is known for every page", () => {
    expect(pages.length).toBeGreaterThan(15);
  });

  it.each(pages)("of $name is at most 200 KB, in each language", (page) => {
    for (const language of ["pt-BR", "en"]) {
      const texts = [`src/i18n/${language}.ts`, ...page.parts.map((part) => `src/i18n/${language}.json?part=${part}`)];
      const weights = [...filesOf([...codeOf(page), ...texts])]
        .map((file) => ({ file, bytes: gzipSync(read(file), { level: 9 }).length }))
        .sort((one, other) => other.bytes - one.bytes);
      const all = weights.reduce((sum, { bytes }) => sum + bytes, 0);
      const list = weights.slice(0, 15).map(({ file, bytes }) => `${bytes} ${file}`);
      // What a page shows only after a press belongs behind later(), of components/later.tsx.
      expect(all, `${all} bytes, of which\n${list.join("\n")}\n`).toBeLessThanOrEqual(budget);
    }
  });

  it.each(pages)("of $name needs no text that comes later", (page) => {
    const awaited = Object.entries(laterTexts).flatMap(([part, names]) => (page.parts.includes(part) ? [] : names));
    const texts = filesOf(["src/i18n/pt-BR.ts", "src/i18n/en.ts"]);
    const code = [...filesOf(codeOf(page))].filter((file) => file.endsWith(".js") && !texts.has(file));
    const said = new RegExp(`["'\`](?:${["-", ...awaited].join("|")})\\.[\\w$]+`, "g");
    // It is said there before it has been fetched: let the page wait for it (router.tsx), or take it off the list.
    expect(
      code.flatMap(
        (file) =>
          read(file)
            .toString()
            .match(said)
            ?.map((key) => `${file}: ${key}`) ?? [],
      ),
    ).toEqual([]);
  });
});
