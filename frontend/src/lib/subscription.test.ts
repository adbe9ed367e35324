import { afterEach, describe, expect, it, vi } from "vitest";
import type { TypedDocumentString } from "@/gql/graphql";
import { follow } from "./subscription";

const Tick = "subscription Tick { tick }" as unknown as TypedDocumentString<{ tick: number }, Record<string, never>>;

/** Answers the next request with these pieces; the connection stays open unless the last one is null. */
function answer(...pieces: (string | null)[]) {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) {
        if (piece === null) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      }
    },
    cancel() {
      cancelled = true;
    },
  });
  const request = vi.fn<typeof fetch>(async () => new Response(body, { status: 200 }));
  vi.stubGlobal("fetch", request);
  return { request, wasCancelled: () => cancelled };
}

const next = (tick: number) => `event: next\ndata: {"data":{"tick":${tick}}}\n\n`;

async function collect(signal = new AbortController().signal) {
  const ticks: number[] = [];
  for await (const { tick } of follow(Tick, {}, { token: "t", signal })) ticks.push(tick);
  return ticks;
}

afterEach(() => vi.useRealTimers());

describe("following a subscription", () => {
  it("asks as the protocol has it, with the session's token", async () => {
    const { request } = answer("event: complete\n\n");
    await collect();
    const [url, init] = request.mock.calls[0] ?? [];
    expect(url).toBe(`${window.location.origin}/graphql`);
    expect(init?.method).toBe("POST");
    expect(init?.headers).toMatchObject({
      Accept: "text/event-stream",
      "Content-Type": "application/json",
      Authorization: "Bearer t",
    });
    expect(JSON.parse(String(init?.body))).toMatchObject({ query: expect.stringContaining("tick"), variables: {} });
  });

  it("yields each result, until the server completes", async () => {
    const { wasCancelled } = answer(":\n\n", next(1), next(2).slice(0, 20), next(2).slice(20), "event: complete\n\n");
    expect(await collect()).toEqual([1, 2]);
    expect(wasCancelled()).toBe(true);
  });

  it("ends when the connection does", async () => {
    answer(next(1), null);
    expect(await collect()).toEqual([1]);
  });

  it("fails with the error of a result", async () => {
    answer('event: next\ndata: {"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}\n\n');
    await expect(collect()).rejects.toMatchObject({ name: "ApiError", code: "FORBIDDEN" });
  });

  it("fails with what the server says instead of a stream", async () => {
    const errors = [{ message: "gone", extensions: { code: "UNAUTHENTICATED" } }];
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ errors }), { status: 401 }));
    await expect(collect()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    vi.stubGlobal("fetch", async () => new Response("<h1>Too many</h1>", { status: 429 }));
    await expect(collect()).rejects.toMatchObject({ code: "THROTTLED" });
  });

  it("fails when there is no answer", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(collect()).rejects.toMatchObject({ code: "NETWORK" });
  });

  it("gives a connection up that is silent", async () => {
    vi.useFakeTimers();
    vi.stubGlobal(
      "fetch",
      (_url: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const failed = expect(collect()).rejects.toMatchObject({ code: "NETWORK" });
    await vi.advanceTimersByTimeAsync(45_000);
    await failed;
  });
});
