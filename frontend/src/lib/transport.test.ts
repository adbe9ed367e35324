import { describe, expect, it, vi } from "vitest";
import type { TypedDocumentString } from "@/gql/graphql";
import { send } from "./transport";

const Ask = "query Ask { a }" as unknown as TypedDocumentString<{ a: number }, { id?: string }>;

function answer(body: BodyInit, init?: ResponseInit) {
  const fetched = vi.fn<typeof fetch>(async () => new Response(body, init));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

describe("a request", () => {
  it("is the document's text with its variables, and gives the data", async () => {
    const fetched = answer('{"data":{"a":1}}');
    await expect(send(Ask, { id: "x" }, { token: "t" })).resolves.toEqual({ a: 1 });
    const init = fetched.mock.calls[0]?.[1];
    expect(JSON.parse(String(init?.body))).toEqual({
      query: "query Ask { a }",
      variables: { id: "x" },
      operationName: "Ask",
    });
    expect(init?.headers).toMatchObject({ Authorization: "Bearer t", "Content-Type": "application/json" });
  });

  it("fails with what the server says, also when a part of the data came", async () => {
    const errors = [{ message: "no", extensions: { code: "THROTTLED", retryAfter: 7 } }];
    answer(JSON.stringify({ data: { a: 1 }, errors }), { status: 429 });
    await expect(send(Ask, {})).rejects.toMatchObject({ code: "THROTTLED", message: "no" });
  });

  it("fails with what its status says when a reverse proxy answers", async () => {
    answer("<h1>Bad gateway</h1>", { status: 502, headers: { "Retry-After": "3" } });
    const before = Date.now();
    const error = await send(Ask, {}).catch((reason) => reason);
    expect(error.code).toBe("BUSY");
    expect(error.retryAt).toBeGreaterThanOrEqual(before + 3000);
    answer("<h1>Welcome to the hotel</h1>");
    await expect(send(Ask, {})).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("fails as NETWORK when no whole answer came", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(send(Ask, {})).rejects.toMatchObject({ code: "NETWORK" });
    answer(new ReadableStream({ pull: (control) => control.error(new TypeError("cut")) }));
    await expect(send(Ask, {})).rejects.toMatchObject({ code: "NETWORK" });
  });

  it("fails with the reason of who no longer wants it", async () => {
    const control = new AbortController();
    vi.stubGlobal("fetch", async () => {
      control.abort(new Error("not wanted"));
      throw control.signal.reason;
    });
    await expect(send(Ask, {}, { signal: control.signal })).rejects.toThrow("not wanted");
  });
});
