import { describe, expect, it } from "vitest";
import { Provider } from "@/gql/graphql";
import { type Language, languages } from "@/i18n";
import { providerOf, providers } from ".";

/** Values of every field, each named after its field. */
const filled = (id: Provider) => Object.fromEntries(providerOf(id).fields.map(({ name }) => [name, `some ${name}`]));

describe("the registry of providers", () => {
  it("has one definition for each provider of the API", () => {
    expect(providers.map(({ id }) => id).sort()).toEqual(Object.values(Provider).sort());
  });

  it.each(providers)("$id fills exactly one member of the input, with all its fields", (provider) => {
    const [member, ...others] = Object.values(provider.toInput(filled(provider.id)));
    expect(others).toEqual([]);
    expect(member).toEqual(filled(provider.id));
  });

  it.each(providers)("$id fills exactly one member of the update, with all its fields", (provider) => {
    const update = Object.values(provider.toUpdate(filled(provider.id)) ?? {});
    expect(update).toEqual([filled(provider.id)]);
  });

  it.each(providers)("$id sends no secret that was left empty", (provider) => {
    const values = Object.fromEntries(provider.fields.map(({ name, secret }) => [name, secret ? "" : "plain"]));
    const [member = {}] = Object.values(provider.toUpdate(values) ?? {});
    for (const { name, secret } of provider.fields) if (secret) expect(member).not.toHaveProperty(name);
  });

  it("asks for both tokens of Plug4Market or none", () => {
    const { check } = providerOf("PLUG4MARKET");
    expect(check?.({ accessToken: "a", refreshToken: "" })).toEqual({ refreshToken: "pair" });
    expect(check?.({ accessToken: "", refreshToken: "b" })).toEqual({ accessToken: "pair" });
    expect(check?.({ accessToken: "a", refreshToken: "b" })).toEqual({});
    expect(check?.({ accessToken: "", refreshToken: "" })).toEqual({});
  });

  it("takes an emptied Nuvemshop address away", () => {
    expect(providerOf("NUVEMSHOP").toUpdate({ storeUrl: "" })).toEqual({ nuvemshop: { storeUrl: "" } });
  });
});

interface Texts {
  [name: string]: string | Texts;
}

/** The texts of all folders, and all code that names some. */
const folders = import.meta.glob<Record<Language, Texts>>("./*/texts.json", { eager: true, import: "default" });
const code = import.meta.glob<string>("./*/index.ts", { eager: true, query: "?raw", import: "default" });

/** All texts by their whole name. */
function flat(texts: Texts, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      typeof value === "string" ? [[prefix + name, value]] : Object.entries(flat(value, `${prefix}${name}.`)),
    ),
  );
}

describe("the texts of a provider", () => {
  const folderOf = (id: Provider) => `./${id.toLowerCase().replaceAll("_", "-")}`;

  it.each(providers)("$id are the same in both languages, and none is empty", ({ id }) => {
    const texts = folders[`${folderOf(id)}/texts.json`];
    const [portuguese, english] = languages.map((language) => flat(texts?.[language] ?? {}));
    expect(Object.keys(english ?? {}).sort()).toEqual(Object.keys(portuguese ?? {}).sort());
    expect(Object.entries({ ...portuguese, ...english }).filter(([, text]) => !/\S/.test(text))).toEqual([]);
  });

  it.each(providers)("$id are those that the page asks for, and no more", (provider) => {
    const names = [...provider.fields.map(({ name }) => name), ...(provider.given ?? [])];
    const known = Object.keys(folders[`${folderOf(provider.id)}/texts.json`]?.["pt-BR"] ?? {});
    expect(known).toEqual(expect.arrayContaining(["card", ...names]));
    const optional = ["instructions", "replace", "settings", ...names.map((name) => `${name}Help`)];
    const named = code[`${folderOf(provider.id)}/index.ts`] ?? "";
    const unknown = known.filter(
      (name) => !["card", ...names, ...optional].includes(name) && !named.includes(`"${name}"`),
    );
    expect(unknown).toEqual([]);
  });
});
