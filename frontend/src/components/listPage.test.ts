import { describe, expect, it } from "vitest";
import { listSearch } from "./listPage";

const read = listSearch(["hasProblem", "archived"], ["NAME", "TROUBLE"]);

describe("a list's part of the URL", () => {
  it("is read as it was written", () => {
    expect(read({ q: "padaria", sort: "TROUBLE", dir: "DESC", hasProblem: "true", archived: "false" })).toEqual({
      q: "padaria",
      sort: "TROUBLE",
      dir: "DESC",
      hasProblem: true,
      archived: false,
    });
  });

  it("loses what is not understood, also when the router puts it beside what the URL has", () => {
    const raw = { sort: "WEIGHT", dir: "UP", hasProblem: "perhaps" };
    expect({ ...raw, ...read(raw) }).toEqual({});
  });
});
