import { describe, expect, it } from "vitest";
import { startOfDay } from "@/lib/day";
import { type LeakedKeyData, leakSearch, remaining } from "./leak";

const read = (renewed: boolean) => ({ renewed }) as LeakedKeyData["readMarketplaces"][number];
const key = (revokedAt: string | null, ...renewed: boolean[]) =>
  ({ revokedAt, readMarketplaces: renewed.map(read) }) as LeakedKeyData;

describe("the answer to a leak", () => {
  it("is done when the key is revoked and all that it has read is renewed", () => {
    expect(remaining(key(null, false, true))).toBe(2);
    expect(remaining(key("2026-11-24T00:00:00Z", false, true))).toBe(1);
    expect(remaining(key("2026-11-24T00:00:00Z", true))).toBe(0);
    expect(remaining(key("2026-11-24T00:00:00Z"))).toBe(0);
  });

  it("begins at a day of the address, or with the key", () => {
    expect(leakSearch({ since: "2026-11-24" })).toEqual({ since: "2026-11-24" });
    expect(leakSearch({ since: "ontem" })).toEqual({});
    expect(startOfDay("2026-11-24")).toBe(new Date("2026-11-24T00:00").toISOString());
    expect(startOfDay(undefined)).toBeUndefined();
  });
});
