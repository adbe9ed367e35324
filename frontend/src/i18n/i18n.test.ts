import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ProductCapability } from "@/gql/graphql";
import speech, { changeLanguage } from ".";
import en from "./en.json";
import ptBR from "./pt-BR.json";

interface Texts {
  [key: string]: string | Texts;
}

/** All texts by their whole key. */
function flat(texts: Texts, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value, `${prefix}${key}.`)),
    ),
  );
}

const portuguese = flat(ptBR);
const english = flat(en);
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith("gql"))
  .map((path) => readFileSync(`src/${path}`, "utf8"))
  .join("\n");

/** Keys of the forms t("a.b"), t(x ? "a.b" : "c.d") and of the provider definitions; the last part may be a ${...}. */
const used = [...sources.matchAll(/["'`]([a-z]\w*(?:\.(?:[\w-]+|\$\{[^}]+\}))+)["'`]/gi)]
  .map((match) => match[1] ?? "")
  .filter((key) => (key.split(".")[0] ?? "") in ptBR);

const exists = (key: string) =>
  key in portuguese || `${key}_other` in portuguese || Object.keys(portuguese).some((known) => matches(key, known));

function matches(key: string, known: string) {
  if (!key.includes("${")) return false;
  const pattern = key
    .split(/\$\{[^}]+\}/)
    .map((part) => part.replace(/[.]/g, "\\."))
    .join("[\\w-]+");
  return new RegExp(`^${pattern}$`).test(known);
}

describe("the translations", () => {
  it("have the same keys in both languages", () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(portuguese).sort());
  });

  it("have the same placeholders in both languages", () => {
    for (const [key, text] of Object.entries(portuguese)) {
      expect([key, placeholders(english[key] ?? "")]).toEqual([key, placeholders(text)]);
    }
  });

  it("leave no text empty", () => {
    expect(Object.entries({ ...portuguese, ...english }).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("have every key that is used", () => {
    expect(used.length).toBeGreaterThan(200);
    expect(used.filter((key) => !exists(key))).toEqual([]);
  });

  it("hold no key that nothing uses", () => {
    const wanted = new Set(used);
    const unused = Object.keys(portuguese).filter(
      (key) =>
        !wanted.has(key) && !wanted.has(key.replace(/_(one|many|other)$/, "")) && !used.some((u) => matches(u, key)),
    );
    expect(unused).toEqual([]);
  });

  it("name every product capability", () => {
    expect(Object.keys(ptBR.capability).sort()).toEqual(Object.values(ProductCapability).sort());
  });

  it("use the words of the operators' document", async () => {
    expect(portuguese).toMatchObject({
      "nav.clients": "Clientes",
      "action.new": "Novo",
      "marketplace.title": "Marketplace",
      "accessKey.title": "Chaves de acesso",
      "marketplace.description": "Descrição do marketplace",
    });
    await changeLanguage("pt-BR");
    const keys = [
      "meu-carrinho.username",
      "meu-carrinho.password",
      "plug4market.accessToken",
      "plug4market.refreshToken",
    ];
    expect([...keys, "showkase.token"].map((key) => speech.t(`provider.${key}` as never))).toEqual([
      "Usuário",
      "Senha",
      "Acesso Token",
      "Refresh Token",
      "Token",
    ]);
  });
});
