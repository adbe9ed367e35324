import { describe, expect, it } from "vitest";
import type { Setting } from "./api";
import { changedSettings, initialValues, removalOf } from "./values";

const setting = (name: string, change: Partial<Setting> = {}): Setting => ({
  name,
  kind: "TEXT",
  value: null,
  default: null,
  choices: [],
  required: false,
  source: "DEFAULT",
  environmentVariable: `CHAVEIRO_${name.toUpperCase()}`,
  secret: null,
  ...change,
});

const settings = [
  setting("appId", { source: "STORED", value: "123" }),
  setting("url", {
    kind: "URL",
    choices: ["https://standard.example", "https://other.example"],
    default: "https://standard.example",
    value: "https://standard.example",
  }),
  setting("checkUrl", { kind: "URL" }),
  setting("appSecret", { kind: "SECRET", source: "STORED" }),
  setting("contact", { source: "ENVIRONMENT", value: "a@b.example" }),
];

describe("the settings of a provider", () => {
  it("begin with what is stored, and leave what the environment sets alone", () => {
    expect(initialValues(settings)).toEqual({ appId: "123", url: "", appSecret: "", "appSecret-removed": "" });
  });

  it("send only what changed", () => {
    expect(changedSettings(settings, initialValues(settings))).toEqual([]);
    expect(changedSettings(settings, { ...initialValues(settings), url: "https://other.example" })).toEqual([
      { name: "url", value: "https://other.example" },
    ]);
  });

  it("send an emptied one as empty, so that the default holds again", () => {
    expect(changedSettings(settings, { ...initialValues(settings), appId: "" })).toEqual([
      { name: "appId", value: "" },
    ]);
  });

  it("keep a secret that is left empty, replace one that is typed and take one away that is to go", () => {
    const values = initialValues(settings);
    expect(changedSettings(settings, { ...values, appSecret: "new" })).toEqual([{ name: "appSecret", value: "new" }]);
    expect(changedSettings(settings, { ...values, [removalOf("appSecret")]: "yes" })).toEqual([
      { name: "appSecret", value: "" },
    ]);
  });
});
