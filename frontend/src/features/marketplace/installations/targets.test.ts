import { describe, expect, it } from "vitest";
import type { MarketplaceHealthReason, Provider } from "@/gql/graphql";
import { targetsOf } from "./targets";

const marketplace = (id: string, provider: Provider, reason: MarketplaceHealthReason) => ({
  id,
  provider,
  description: `some ${id}`,
  health: { reason },
});

const owned = (id: string, change: object = {}) => ({
  id,
  suspendedAt: null,
  product: { id: `prd_${id}`, name: `Product ${id}`, capabilities: ["MARKETPLACES" as const] },
  marketplaces: [],
  ...change,
});

describe("where an installation can go", () => {
  it("is first a marketplace of the same provider that waits for its merchant, then a new one", () => {
    const product = owned("cpr_1", {
      marketplaces: [
        marketplace("mkp_1", "NUVEMSHOP", "CHECK_PASSED"),
        marketplace("mkp_2", "SHOWKASE", "WAITING_FOR_MERCHANT"),
        marketplace("mkp_3", "NUVEMSHOP", "WAITING_FOR_MERCHANT"),
      ],
    });
    expect(targetsOf([product], "NUVEMSHOP")).toEqual([
      { kind: "marketplace", id: "mkp_3", name: "some mkp_3", product: "Product cpr_1" },
      { kind: "clientProduct", id: "cpr_1", product: "Product cpr_1" },
    ]);
  });

  it("is no product that is suspended or has no marketplaces", () => {
    const suspended = owned("cpr_1", { suspendedAt: "2026-11-24T12:00:00Z" });
    const other = owned("cpr_2", { product: { id: "prd_2", name: "Other", capabilities: ["ACCESS_KEYS"] } });
    expect(targetsOf([suspended, other], "NUVEMSHOP")).toEqual([]);
  });
});
