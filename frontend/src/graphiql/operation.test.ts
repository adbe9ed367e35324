import { describe, expect, it } from "vitest";
import { operationToRun } from "./operation";

describe("the operation that is sent with a document", () => {
  it("is the one that was chosen, when the document has it", () => {
    expect(operationToRun("query A { a } query B { b }", "B")).toBe("B");
    expect(operationToRun("query A { a }", "A")).toBe("A");
  });

  it("is the only one of the document, whatever was chosen in the tab before", () => {
    expect(operationToRun("query Integration { integration { revision } }", "Clients")).toBe("Integration");
    expect(operationToRun("fragment F on Query { a } query A { ...F }", "B")).toBe("A");
    expect(operationToRun("query A { a }", null)).toBe("A");
  });

  it("has no name when the only one has none", () => {
    expect(operationToRun("{ clients { totalCount } }", "Clients")).toBeUndefined();
    expect(operationToRun("{ clients { totalCount } }")).toBeUndefined();
  });

  it("is left to the document when it has several and none was chosen of them: a change must not run by chance", () => {
    expect(operationToRun("mutation A { a } query B { b }", "Clients")).toBeUndefined();
    expect(operationToRun("mutation A { a } query B { b }")).toBeUndefined();
    expect(operationToRun("{ a } query B { b }", "Clients")).toBeUndefined();
  });

  it("stays as it was chosen in a document that does not parse: the server says what is wrong", () => {
    expect(operationToRun("query A {", "A")).toBe("A");
    expect(operationToRun("", null)).toBeUndefined();
  });
});
