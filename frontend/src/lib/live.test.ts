import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Change, createLive } from "./live";
import type { Follow, FollowOptions } from "./subscription";
import { ApiError } from "./transport";

const change = (objectId: string): Change => ({
  topic: "MARKETPLACE",
  clientId: "cli_1",
  clientProductId: "cpr_1",
  objectId,
});

/** A server whose streams the test opens, feeds and ends. */
class FakeServer {
  streams: { options: FollowOptions; send: (change: Change) => void; end: (error?: Error) => void }[] = [];
  /** Why no stream is given; undefined gives one. */
  refusal: (() => Error) | undefined;
  tries = 0;

  follow: Follow = async function* (this: FakeServer, _document: unknown, _variables: unknown, options: FollowOptions) {
    this.tries += 1;
    if (this.refusal) throw this.refusal();
    const queue: (Change | Error | undefined)[] = [];
    let wake: () => void = () => undefined;
    const put = (item: Change | Error | undefined) => {
      queue.push(item);
      wake();
    };
    this.streams.push({ options, send: put, end: put });
    options.signal.addEventListener("abort", () => put(new Error("aborted")));
    options.onOpen?.();
    for (;;) {
      while (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const item = queue.shift();
      if (item === undefined) return;
      if (item instanceof Error) throw item;
      yield { changes: item };
    }
  }.bind(this) as Follow;

  get last() {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error("no stream was opened");
    return stream;
  }
}

let server: FakeServer;
let token: string;
let replaced: (string | null)[];
let told: (string | null)[];
let live: ReturnType<typeof createLive>;
let stop: () => void;

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

let hidden = false;
function hide(value: boolean) {
  hidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
}

const touch = () => window.dispatchEvent(new Event("keydown"));

beforeEach(() => {
  vi.useFakeTimers();
  touch();
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  server = new FakeServer();
  token = "token-1";
  replaced = [];
  told = [];
  live = createLive(
    server.follow,
    {
      accessToken: () => Promise.resolve(token),
      replace: async (refused) => {
        replaced.push(refused);
        token = "token-2";
      },
    },
    () => 1, // the longest of the possible waits
  );
  live.subscribe(({ topic, objectId }) => told.push(objectId ?? topic));
  stop = live.start();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("the stream of changes", () => {
  it("is opened with the session's token and tells what comes", async () => {
    await pass(0);
    expect(server.last.options.token).toBe("token-1");
    expect(live.isConnected()).toBe(true);
    server.last.send(change("mkp_1"));
    server.last.send(change("mkp_2"));
    await pass(0);
    expect(told).toEqual(["mkp_1", "mkp_2"]);
  });

  it("is begun again when the server ends it, and then everything is to be read again", async () => {
    await pass(0);
    server.last.end();
    await pass(0);
    expect(live.isConnected()).toBe(false);
    await pass(500);
    expect(server.streams).toHaveLength(2);
    expect(live.isConnected()).toBe(true);
    expect(told).toEqual(["RESYNC"]);
  });

  it("waits longer from failure to failure, up to half a minute, and begins anew after a good stream", async () => {
    await pass(0);
    server.refusal = () => new ApiError("NETWORK");
    server.last.end();
    const waits: number[] = [];
    for (let n = 0, since = Date.now(); n < 9; n++, since = Date.now()) {
      const before = server.tries;
      while (server.tries === before) await pass(100);
      waits.push(Date.now() - since);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);

    server.refusal = undefined;
    await pass(30_000);
    await pass(20_000);
    const { length } = server.streams;
    server.last.end();
    await pass(500);
    expect(server.streams).toHaveLength(length + 1);
  });

  it("tries at once when the network is back", async () => {
    server.refusal = () => new ApiError("NETWORK");
    await pass(60_000);
    server.refusal = undefined;
    window.dispatchEvent(new Event("online"));
    await pass(0);
    expect(live.isConnected()).toBe(true);
  });

  it("asks for another token when the server refuses the old one", async () => {
    await pass(0);
    server.last.end(new ApiError("UNAUTHENTICATED"));
    await pass(0);
    expect(replaced).toEqual(["token-1"]);
    await pass(500);
    expect(server.last.options.token).toBe("token-2");
  });

  it("ends with the session", async () => {
    await pass(0);
    stop();
    await pass(0);
    expect(server.last.options.signal.aborted).toBe(true);
    expect(live.isConnected()).toBe(false);
    await pass(120_000);
    expect(server.tries).toBe(1);
  });
});

describe("a page that nobody looks at", () => {
  it("keeps its stream for a minute", async () => {
    await pass(0);
    hide(true);
    await pass(59_000);
    hide(false);
    await pass(120_000);
    expect(server.tries).toBe(1);
    expect(told).toEqual([]);
  });

  it("gives its stream back after that, until it is looked at again", async () => {
    await pass(0);
    hide(true);
    await pass(61_000);
    expect(live.isConnected()).toBe(false);
    await pass(600_000);
    expect(server.tries).toBe(1);
    hide(false);
    await pass(0);
    expect(live.isConnected()).toBe(true);
    expect(told).toEqual(["RESYNC"]);
  });

  it("opens none in the background", async () => {
    stop();
    hide(true);
    const { tries } = server;
    stop = live.start();
    await pass(5_000);
    expect(server.tries).toBe(tries);
  });
});

describe("a page that nobody touches", () => {
  it("stops listening, so that its session can end, until it is touched", async () => {
    await pass(0);
    await pass(26 * 60_000);
    server.last.send(change("mkp_1"));
    await pass(60_000);
    expect(told).toEqual([]);
    expect(live.isConnected()).toBe(false);
    touch();
    await pass(0);
    expect(live.isConnected()).toBe(true);
    expect(told).toEqual(["RESYNC"]);
  });
});
