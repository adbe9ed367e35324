import { describe, expect, it } from "vitest";
import { firstRequest } from "./firstRequest";

describe("the ready request", () => {
  it("is one line that both kinds of shell read the same", () => {
    const line = firstRequest("https://portal.example", "chv_live_x");
    expect(line).not.toMatch(/[\n'$`!%]/);
    const body = /-d "(.*)"$/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? "";
    expect(JSON.parse(body).query).toContain("integration {");
  });
});
