import { describe, expect, it } from "vitest";
import { setupSteps } from "./steps";

const states = (...args: Parameters<typeof setupSteps>) => setupSteps(...args).map(({ step, state }) => [step, state]);

describe("the steps of the set-up", () => {
  it("show the server's next step as the current one", () => {
    expect(states(["MARKETPLACES", "ACCESS_KEYS"], "ACCESS_KEY")).toEqual([
      ["PRODUCT", "done"],
      ["MARKETPLACE", "done"],
      ["ACCESS_KEY", "current"],
      ["BACK_OFFICE", "pending"],
    ]);
  });

  it("are all done when the server names none", () => {
    expect(states(["MARKETPLACES", "ACCESS_KEYS"], null).every(([, state]) => state === "done")).toBe(true);
  });

  it("are those of the product's blocks", () => {
    expect(states([], null)).toEqual([["PRODUCT", "done"]]);
    expect(states(["ACCESS_KEYS"], "ACCESS_KEY")).toEqual([
      ["PRODUCT", "done"],
      ["ACCESS_KEY", "current"],
      ["BACK_OFFICE", "pending"],
    ]);
  });
});
