import { waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { createFetcher } from "./fetcher";

/** A page with tabs, whose server answers when it is told to. */
function page() {
  const sent: { body: Record<string, unknown>; headers: Record<string, string> }[] = [];
  const held: { answer(body: object): void; fail(): void }[] = [];
  vi.stubGlobal("fetch", (_url: string, init: RequestInit) => {
    sent.push({ body: JSON.parse(String(init.body)), headers: init.headers as Record<string, string> });
    return new Promise<Response>((resolve, reject) =>
      held.push({
        answer: (body) => resolve(new Response(JSON.stringify(body))),
        fail: () => reject(new TypeError("Failed to fetch")),
      }),
    );
  });
  const state = { tab: "tab-1" as string | undefined };
  const ask = createFetcher({ token: async () => "chv_live_key", tab: () => state.tab });
  const hold = async () => {
    await waitFor(() => expect(held).toHaveLength(1));
    return held[0] as (typeof held)[number];
  };
  return { sent, state, ask, hold };
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** The answers that GraphiQL would show of what the fetcher gave. */
async function shown(given: unknown): Promise<unknown[]> {
  if (!isAsyncIterable(given)) return [given];
  const all: unknown[] = [];
  for await (const one of given) all.push(one);
  return all;
}

describe("what GraphiQL asks", () => {
  it("is sent with the caller's token and the operation of its document", async () => {
    const { sent, ask, hold } = page();
    const given = ask({ query: "query Integration { a }", variables: { x: 1 }, operationName: "Clients" });
    (await hold()).answer({ data: { a: 1 } });
    expect(await shown(await given)).toEqual([{ data: { a: 1 } }]);
    expect(sent[0]?.body).toEqual({
      query: "query Integration { a }",
      variables: { x: 1 },
      operationName: "Integration",
    });
    expect(sent[0]?.headers.Authorization).toBe("Bearer chv_live_key");
  });

  it("shows nothing in another tab than it was asked in", async () => {
    const { state, ask, hold } = page();
    const given = ask({ query: "query A { a }", operationName: "A" });
    const request = await hold();
    state.tab = "tab-2";
    request.answer({ data: { a: 1 } });
    expect(await shown(await given)).toEqual([]);
  });

  it("shows no failure in another tab than it was asked in, and shows it in its own", async () => {
    const { state, ask, hold } = page();
    const given = ask({ query: "query A { a }" });
    const request = await hold();
    state.tab = "tab-2";
    request.fail();
    expect(await shown(await given)).toEqual([]);

    const own = page();
    const failing = own.ask({ query: "query A { a }" });
    (await own.hold()).fail();
    await expect(failing).rejects.toMatchObject({ code: "NETWORK" });
  });

  it("learns the schema whatever tab is open when it comes", async () => {
    const { state, ask, hold } = page();
    state.tab = undefined;
    const given = ask({ query: "query IntrospectionQuery { __schema { a } }", operationName: "IntrospectionQuery" });
    const request = await hold();
    state.tab = "tab-2";
    request.answer({ data: { __schema: {} } });
    expect(await shown(await given)).toEqual([{ data: { __schema: {} } }]);
  });
});
