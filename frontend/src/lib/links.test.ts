// Proves: 4.6
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Addresses that the portal itself makes or knows: of a marketplace's consent page and panel, and of an app that is being set up with its
 * picture. */
const own = ["authorizeUrl", "panelUrl", "address", "picture"];

it("no link leads where data says: its address is written here, or made by the portal", () => {
  const links = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tsx") && !path.endsWith(".test.tsx"))
    .flatMap((path) => [...readFileSync(`src/${path}`, "utf8").matchAll(/\b(?:href|src)=\{([^}]*)\}?/g)])
    .map((match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(2);
  const foreign = links.filter((link) => !/^`(https|mailto):/.test(link) && !own.includes(link));
  expect(foreign).toEqual([]);
});
