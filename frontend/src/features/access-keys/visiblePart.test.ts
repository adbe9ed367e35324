import { describe, expect, it } from "vitest";
import { firstRequest } from "./firstRequest";
import { cutToVisiblePart } from "./visiblePart";

describe("a search for a key", () => {
  it("cuts a whole key to its visible part", () => {
    expect(cutToVisiblePart(` chv_live_0aB1cD2eF3gH_${"s".repeat(49)}\n`)).toBe("chv_live_0aB1cD2eF3gH");
  });

  it("leaves a beginning as it is", () => {
    expect(cutToVisiblePart("chv_live_0aB1")).toBe("chv_live_0aB1");
  });
});

describe("the ready request", () => {
  it("is one line that both kinds of shell read the same", () => {
    const line = firstRequest("https://portal.example", "chv_live_x");
    expect(line).not.toMatch(/[\n'$`!%]/);
    const body = /-d "(.*)"$/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? "";
    expect(JSON.parse(body).query).toContain("integration {");
  });
});
