import { describe, expect, it } from "vitest";
import { cutToVisiblePart } from "./visiblePart";

describe("a search", () => {
  it("has a whole key or service token cut to its visible part", () => {
    expect(cutToVisiblePart(` chv_live_0aB1cD2eF3gH_${"s".repeat(49)}\n`)).toBe("chv_live_0aB1cD2eF3gH");
    expect(cutToVisiblePart(`Authorization: Bearer chv_live_0aB1cD2eF3gH_${"s".repeat(49)}"`)).toBe(
      "chv_live_0aB1cD2eF3gH",
    );
    expect(cutToVisiblePart(`chv_serv_0aB1cD2eF3gH_${"s".repeat(49)}`)).toBe("chv_serv_0aB1cD2eF3gH");
  });

  it("leaves all else as it is", () => {
    for (const text of [
      "chv_live_0aB1",
      "chv_live_0aB1cD2eF3gH",
      "chv_live_0aB1cD2eF3gH…x9Zk",
      "padaria ",
      "",
      "123.456.789-09",
    ])
      expect(cutToVisiblePart(text)).toBe(text);
  });
});
