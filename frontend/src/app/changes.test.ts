import { QueryClient, type QueryKey } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Change } from "@/lib/live";
import { queriesTouchedBy } from "./changes";
import { createRefresher } from "./refresher";

const change = (topic: Change["topic"]): Change => ({
  topic,
  clientId: topic === "RESYNC" ? null : "cli_1",
  clientProductId: topic === "RESYNC" ? null : "cpr_1",
  objectId: topic === "RESYNC" ? null : "obj_1",
});

/** The cached queries that a change makes old. */
function oldAfter(topic: Change["topic"], more: Partial<Change> = {}) {
  const client = new QueryClient();
  const cached: QueryKey[] = [
    ["ClientProduct", { id: "cpr_1" }],
    ["ClientProduct", { id: "cpr_2" }],
    ["Client", { id: "cli_1" }],
    ["Client", { id: "cli_2" }],
    ["Clients", { first: 25 }],
    ["Home", {}],
    ["Due", { withinDays: 30 }],
    ["UnclaimedInstallations", {}],
    ["AccessKeys", {}],
    ["Products", {}],
    ["OpenIncidents", {}],
    ["IncidentHistory", { first: 5 }],
  ];
  for (const key of cached) client.setQueryData(key, {});
  const { ones, lists } = queriesTouchedBy({ ...change(topic), ...more });
  for (const queryKey of [...ones, ...lists]) void client.invalidateQueries({ queryKey });
  return cached
    .filter((key) => client.getQueryState(key)?.isInvalidated)
    .map(([name, variables]) => ({ name, ...(variables as object) }));
}

describe("a change makes old", () => {
  it("of a marketplace: its client and client's product, and the lists that tell of trouble", () => {
    expect(oldAfter("MARKETPLACE")).toEqual([
      { name: "ClientProduct", id: "cpr_1" },
      { name: "Client", id: "cli_1" },
      { name: "Clients", first: 25 },
      { name: "Home" },
      { name: "Due", withinDays: 30 },
    ]);
  });

  it("of a key that was used: only where it is shown with its client", () => {
    expect(oldAfter("ACCESS_KEY_USED")).toEqual([
      { name: "ClientProduct", id: "cpr_1" },
      { name: "Client", id: "cli_1" },
    ]);
  });

  it("of an installation: the list of those without a client", () => {
    expect(oldAfter("INSTALLATIONS")).toEqual([{ name: "UnclaimedInstallations" }]);
  });

  it("of an incident: the banner, its history, and the lists that leave its connections out", () => {
    expect(oldAfter("INCIDENTS").map(({ name }) => name)).toEqual([
      "Clients",
      "Home",
      "OpenIncidents",
      "IncidentHistory",
    ]);
  });

  it("by a person: what was changed, wherever it is shown", () => {
    expect(oldAfter("EDITED")).toEqual([
      { name: "ClientProduct", id: "cpr_1" },
      { name: "Client", id: "cli_1" },
    ]);
    expect(oldAfter("EDITED", { clientProductId: null, objectId: "cli_1" })).toEqual([
      { name: "Client", id: "cli_1" },
      { name: "Clients", first: 25 },
    ]);
    expect(oldAfter("EDITED", { clientId: null, clientProductId: null, objectId: "prd_1" })).toEqual([
      { name: "Products" },
    ]);
  });

  it("that may have been missed: everything", () => {
    expect(oldAfter("RESYNC")).toHaveLength(12);
  });
});

describe("reading again", () => {
  const invalidateQueries = vi.fn(() => Promise.resolve());
  const times: number[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    times.length = 0;
    invalidateQueries.mockImplementation(() => {
      times.push(Date.now());
      return Promise.resolve();
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("comes once for changes that come together", () => {
    const refresher = createRefresher({ invalidateQueries }, 1_000);
    for (let n = 0; n < 50; n++) refresher.add(["Clients"]);
    vi.advanceTimersByTime(10_000);
    expect(times).toHaveLength(1);
  });

  it("comes no more often than said, and not too late for the last change", () => {
    const refresher = createRefresher({ invalidateQueries }, 1_000);
    const begun = Date.now();
    for (let n = 0; n < 100; n++) {
      refresher.add(["Clients"]);
      vi.advanceTimersByTime(50);
    }
    vi.advanceTimersByTime(2_000);
    expect(times.map((time) => time - begun)).toEqual([200, 1200, 2200, 3200, 4200, 5200]);
  });

  it("ends with the page", () => {
    const refresher = createRefresher({ invalidateQueries }, 1_000);
    refresher.add(["Clients"]);
    refresher.stop();
    vi.advanceTimersByTime(10_000);
    expect(times).toEqual([]);
  });
});
