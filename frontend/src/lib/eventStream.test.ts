import { describe, expect, it } from "vitest";
import { createEventParser, type ServerSentEvent } from "./eventStream";

/** The events of a text that arrives in pieces. */
const parse = (...pieces: string[]): ServerSentEvent[] => pieces.flatMap(createEventParser());

const next = (data: string) => ({ event: "next", data });

describe("a stream of events", () => {
  it("is taken apart at its empty lines", () => {
    expect(parse('event: next\ndata: {"a":1}\n\nevent: next\ndata: {"a":2}\n\n')).toEqual([
      next('{"a":1}'),
      next('{"a":2}'),
    ]);
  });

  it.each(["\n", "\r\n", "\r"])("may end its lines with %j", (end) => {
    expect(parse(["event: next", "data: 1", "", ":", "event: complete", "", ""].join(end))).toEqual([
      next("1"),
      { event: "complete", data: "" },
    ]);
  });

  it.each(["\n", "\r\n", "\r"])("may be cut anywhere, with lines that end with %j", (end) => {
    const text = ["event: next", "data: one", "data: two", "", ": ping", "event: complete", "", ""].join(end);
    const whole = parse(text);
    expect(whole).toEqual([next("one\ntwo"), { event: "complete", data: "" }]);
    for (let cut = 0; cut <= text.length; cut++) expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    expect(parse(...text)).toEqual(whole);
  });

  it("puts the lines of its data together", () => {
    expect(parse("data: one\ndata:  two\ndata\ndata:four\n\n")).toEqual([{ event: "", data: "one\n two\n\nfour" }]);
  });

  it("hands on nothing for comments, for unknown fields and for what is not finished", () => {
    expect(parse(":\n\n: ping\n\nid: 7\nretry: 10\n\nevent: next\ndata: 1\n")).toEqual([]);
  });

  it("hands on a named event without data", () => {
    expect(parse("event: complete\n\n")).toEqual([{ event: "complete", data: "" }]);
  });

  it("keeps a colon in the data", () => {
    expect(parse("data: a: b\n\n")).toEqual([{ event: "", data: "a: b" }]);
  });
});
