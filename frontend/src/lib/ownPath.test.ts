// Proves: 4.6, 10.4
import { describe, expect, it } from "vitest";
import { ownPath } from "./ownPath";

const origin = "https://portal.example";

describe("the path to go on to", () => {
  it.each(["/", "/clientes", "/clientes/cli_1?aba=chaves#fim", "/graphiql", "/a//b", "/%2F%2Fevil.example", "/ação"])(
    "may be %j",
    (path) => expect(ownPath(path, origin)).toBe(path),
  );

  it.each([
    "",
    "clientes",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\\evil.example",
    "\t//evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "///evil.example",
    "//[",
    "/\t/[",
    undefined,
    null,
    7,
    ["/"],
    { toString: () => "/" },
  ])("is never %j", (path) => expect(ownPath(path, origin)).toBeUndefined());

  it("never leads elsewhere, whatever it is made of", () => {
    const pieces = [
      "/",
      "\\",
      "\t",
      "\n",
      "\r",
      " ",
      "\0",
      ":",
      "@",
      "?",
      "#",
      ".",
      "%2f",
      "%5c",
      "//",
      "https:",
      "evil.example",
      "é",
      "\u2028",
      "／",
    ];
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      const text = `/${Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join("")}`;
      const path = ownPath(text, origin);
      if (path === undefined) continue;
      taken++;
      expect(new URL(path, origin).origin, JSON.stringify(text)).toBe(origin);
    }
    expect(taken).toBeGreaterThan(1000);
  });
});
