import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { TypedDocumentString } from "@/gql/graphql";
import { portalOrigin, portalUrl } from "./portal";
import { apiUrl, send } from "./transport";

const Ask = "query Ask { a }" as unknown as TypedDocumentString<{ a: number }, Record<string, never>>;

afterEach(() => vi.unstubAllEnvs());

describe("the portal", () => {
  it("is where the page came from", () => {
    expect(portalOrigin()).toBe(window.location.origin);
    expect(apiUrl()).toBe(`${window.location.origin}/graphql`);
  });

  it("is where the build says, for a page that is hosted elsewhere", () => {
    vi.stubEnv("VITE_PORTAL_URL", "https://portal.example.com");
    expect(portalOrigin()).toBe("https://portal.example.com");
    expect(portalUrl("/export/audit.csv?a=b")).toBe("https://portal.example.com/export/audit.csv?a=b");
    expect(apiUrl()).toBe("https://portal.example.com/graphql");
  });

  it("gets cookies where they are needed, and nowhere else", async () => {
    vi.stubEnv("VITE_PORTAL_URL", "https://portal.example.com");
    const fetched = vi.fn(async (_url: unknown, _init?: RequestInit) => Response.json({ data: { a: 1 } }));
    vi.stubGlobal("fetch", fetched);
    await send(Ask, {}, { token: "t" });
    await send(Ask, {}, { cookies: true });
    expect(fetched.mock.calls.map(([url, init]) => [String(url), init?.credentials])).toEqual([
      ["https://portal.example.com/graphql", "same-origin"],
      ["https://portal.example.com/graphql", "include"],
    ]);
  });

  it("has its addresses made in one place", () => {
    // What is about the page itself: where it is, and where one logs in.
    const own = ["lib/portal.ts", "lib/ownPath.ts", "features/account/RecoveryCodesDialog.tsx"];
    const elsewhere = /location\.(origin|host)\b|(?<!portalUrl\()["'`]\/(graphql|export|install)\b/;
    const made = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^(gql|test)\//.test(path) && !own.includes(path))
      .filter((path) => elsewhere.test(readFileSync(`src/${path}`, "utf8")));
    expect(made).toEqual([]);
  });
});
