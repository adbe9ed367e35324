import { act, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { changeLanguage } from ".";
import { createSpeaker, speech, useTranslation } from "./speech";

const { say, knows } = createSpeaker(
  {
    plain: "Clientes",
    deep: { er: { named: "Olá, {{name}}: {{name}} tem {{n}}" } },
    left_one: "Resta {{count}} código",
    left_many: "Restam {{count}} de códigos",
    left_other: "Restam {{count}} códigos",
  },
  "pt-BR",
);

afterEach(() => changeLanguage("en"));

describe("a text", () => {
  it("is found by its key, and has its values in it", () => {
    expect(say("plain")).toBe("Clientes");
    expect(say("deep.er.named", { name: "<b>$&", n: 0 })).toBe("Olá, <b>$&: <b>$& tem 0");
    expect(say("deep.er.named")).toBe("Olá, :  tem ");
  });

  it("has the plural form that the language has for its count", () => {
    expect([0, 1, 2, 1_000_000].map((count) => say("left", { count }))).toEqual([
      "Resta 0 código",
      "Resta 1 código",
      "Restam 2 códigos",
      "Restam 1000000 de códigos",
    ]);
    expect(say("plain", { count: 2 })).toBe("Clientes");
  });

  it("is its key, or what is given for it, when there is none", () => {
    expect(say("deep.er")).toBe("deep.er");
    expect(say("plain.er", { defaultValue: "MOON" })).toBe("MOON");
    expect([knows("plain"), knows("deep.er"), knows("moon")]).toEqual([true, false, false]);
  });
});

it("speaks another language wherever something is said, once it has been fetched", async () => {
  await changeLanguage("pt-BR");
  const { result } = renderHook(() => useTranslation());
  expect(result.current.t("nav.clients")).toBe("Clientes");
  const before = result.current.t;
  await act(() => changeLanguage("en"));
  expect(result.current.t("nav.clients")).toBe("Clients");
  expect(result.current.t).not.toBe(before);
  expect([speech.language, document.documentElement.lang, localStorage.getItem("chaveiro.language")]).toEqual([
    "en",
    "en",
    "en",
  ]);
});
