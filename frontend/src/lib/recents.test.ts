import { afterEach, describe, expect, it } from "vitest";
import { recentsOf, remember } from "./recents";

describe("what was opened last", () => {
  afterEach(() => localStorage.clear());

  it("is kept for each operator, the last first, once, and no more than eight", () => {
    for (let n = 1; n <= 10; n++) remember("opr_1", `cli_${n}`);
    remember("opr_1", "cli_5");
    remember("opr_2", "key_1");
    expect(recentsOf("opr_1")).toEqual(["cli_5", "cli_10", "cli_9", "cli_8", "cli_7", "cli_6", "cli_4", "cli_3"]);
    expect(recentsOf("opr_2")).toEqual(["key_1"]);
  });

  it("is nothing when the browser has kept something else", () => {
    localStorage.setItem("chaveiro.recents.opr_1", '{"x": 1} cli_1 <script>');
    expect(recentsOf("opr_1")).toEqual(["cli_1"]);
  });
});
