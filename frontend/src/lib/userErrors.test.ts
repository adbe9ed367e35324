import { describe, expect, it } from "vitest";
import { splitUserErrors, type UserError } from "./userErrors";

const error = (code: UserError["code"], field: string[]): UserError => ({
  code,
  field,
  message: `${code} in ${field.join(".")}`,
  relatedId: null,
  edits: [],
});

describe("user errors of a form", () => {
  const has = (name: string) => ["name", "document"].includes(name);

  it("go to the field that the path names", () => {
    const taken = error("DOCUMENT_TAKEN", ["document"]);
    expect(splitUserErrors([taken], has)).toEqual({ fields: { document: taken }, general: [] });
  });

  it("are said above the buttons when the form has no such field", () => {
    const other = error("OUT_OF_RANGE", ["overlapHours"]);
    const whole = error("CLIENT_ARCHIVED", []);
    expect(splitUserErrors([other, whole], has)).toEqual({ fields: {}, general: [other, whole] });
  });

  it("show only the first of a field", () => {
    const first = error("REQUIRED", ["name"]);
    expect(splitUserErrors([first, error("TOO_LONG", ["name"])], has).fields).toEqual({ name: first });
  });

  it("follow the form's own naming of deeper paths", () => {
    const deep = error("REQUIRED", ["config", "meuCarrinho", "document"]);
    const { fields } = splitUserErrors([deep], has, (path) => path[2]);
    expect(fields).toEqual({ document: deep });
  });
});
