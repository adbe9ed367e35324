import { describe, expect, it } from "vitest";
import { Provider } from "@/gql/graphql";
import en from "@/i18n/en.json";
import ptBR from "@/i18n/pt-BR.json";
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
    expect(check?.({ accessToken: "a", refreshToken: "" })).toEqual({ refreshToken: "provider.plug4market.pair" });
    expect(check?.({ accessToken: "", refreshToken: "b" })).toEqual({ accessToken: "provider.plug4market.pair" });
    expect(check?.({ accessToken: "a", refreshToken: "b" })).toEqual({});
    expect(check?.({ accessToken: "", refreshToken: "" })).toEqual({});
  });

  it("takes an emptied Nuvemshop address away", () => {
    expect(providerOf("NUVEMSHOP").toUpdate({ storeUrl: "" })).toEqual({ nuvemshop: { storeUrl: "" } });
  });
});

/** The settings that the server has for each provider, with the choices of those that have some. */
const settings: Record<Provider, Record<string, readonly string[]>> = {
  MEU_CARRINHO: { url: [], sessionToken: ["OFF", "ON"], refreshesPerMinute: [] },
  NUVEMSHOP: {
    url: [],
    apiUrl: [],
    apiVersion: [],
    appId: [],
    appSecret: [],
    appSecretEndsOn: [],
    header: ["AUTHENTICATION", "AUTHORIZATION"],
    contact: [],
  },
  PLUG4MARKET: {
    url: [],
    leadMinutes: [],
    refreshesPerMinute: [],
    timeoutSeconds: [],
    houseLogin: [],
    housePassword: [],
    houseCNPJ: [],
    loginPath: [],
    tokenPath: [],
    notEncoded: ["true", "false"],
  },
  SHOWKASE: { checkUrl: [], checkHeader: [], checkRefusedStatuses: [], checkRefusedText: [] },
};

type SettingTexts = Record<string, { label: string; help: string; choice?: Record<string, string> }>;

describe("the settings of a provider", () => {
  const languages = [
    ["pt-BR", ptBR],
    ["en", en],
  ] as const;

  it.each(providers.flatMap(({ id }) => languages.map(([language, texts]) => ({ id, language, texts }))))(
    "of $id each have a label and a help, and a word for each choice, in $language",
    ({ id, texts }) => {
      const known: SettingTexts = texts.settings[id];
      expect(Object.keys(known).sort()).toEqual(Object.keys(settings[id]).sort());
      for (const [name, choices] of Object.entries(settings[id])) {
        expect(known[name]).toMatchObject({ label: expect.stringMatching(/\S/), help: expect.stringMatching(/\S/) });
        expect(Object.keys(known[name]?.choice ?? {}).sort()).toEqual([...choices].sort());
      }
    },
  );
});
