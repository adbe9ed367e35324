import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TypedDocumentString } from "@/gql/graphql";
import { createRequest } from "./graphql";
import { createSession } from "./session";
import { createStepUp } from "./stepUp";
import { ApiError, type Send } from "./transport";

const operator = { id: "opr_1", name: "Marina", email: "marina@example.com", role: "OPERATOR" } as const;

const SetupRequired = "query SetupRequired { setupRequired }" as unknown as TypedDocumentString<
  { setupRequired: boolean },
  Record<string, never>
>;

/** A server with one session: knows its tokens, counts what it is asked. */
class FakeServer {
  issued = 0;
  refreshes = 0;
  alive = true;
  valid = "";
  who = { ...operator } as { id: string; name: string; email: string; role: "OPERATOR" };
  seen: { token?: string | null; cookies?: boolean }[] = [];

  issue() {
    this.issued += 1;
    this.valid = `token-${this.issued}`;
    return {
      accessToken: this.valid,
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
      operator: this.who,
      userErrors: [],
    };
  }

  send = (async (document, _variables, options = {}) => {
    await Promise.resolve();
    const name = /^\w+ (\w+)/.exec(document.toString())?.[1];
    if (name === "RefreshSession") {
      this.refreshes += 1;
      expect(options.cookies).toBe(true);
      if (!this.alive) throw new ApiError("UNAUTHENTICATED");
      return { refreshSession: this.issue() };
    }
    if (name === "Logout") return { logout: { userErrors: [] } };
    this.seen.push(options);
    if (options.token !== this.valid) throw new ApiError("UNAUTHENTICATED");
    return { setupRequired: false };
  }) as Send;
}

let server: FakeServer;

async function loggedIn() {
  const session = createSession(server.send);
  session.establish(server.issue());
  return { session, request: createRequest(server.send, session, createStepUp()) };
}

beforeEach(() => {
  server = new FakeServer();
  localStorage.clear();
});
afterEach(() => vi.useRealTimers());

describe("at page load", () => {
  it("asks nothing where nobody has logged in before", async () => {
    const session = createSession(server.send);
    await session.start();
    expect(session.getState()).toEqual({ status: "anonymous" });
    expect(server.refreshes).toBe(0);
  });

  it("asks without a trace of a session where an install ends: it may have begun on a page of another origin", async () => {
    history.replaceState(null, "", "/clientes/cli_1?install=done");
    const session = createSession(server.send);
    await session.start();
    history.replaceState(null, "", "/");
    expect(session.getState()).toMatchObject({ status: "active", viewer: operator });
    expect(localStorage.getItem("chaveiro.session")).not.toBeNull();
  });

  it("takes up the session of the cookie", async () => {
    localStorage.setItem("chaveiro.session", "1");
    const session = createSession(server.send);
    await session.start();
    expect(session.getState()).toMatchObject({ status: "active", viewer: operator });
  });

  it("is anonymous when the cookie's session has ended", async () => {
    localStorage.setItem("chaveiro.session", "1");
    server.alive = false;
    const session = createSession(server.send);
    await session.start();
    expect(session.getState()).toEqual({ status: "anonymous" });
    expect(localStorage.getItem("chaveiro.session")).toBeNull();
  });

  it("keeps nothing secret in the browser's storage", async () => {
    await loggedIn();
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain(server.valid);
  });
});

describe("a refused token", () => {
  it("is renewed and the request repeated", async () => {
    const { request } = await loggedIn();
    server.valid = "something newer";
    await expect(request(SetupRequired, {})).resolves.toEqual({ setupRequired: false });
    expect(server.refreshes).toBe(1);
    expect(server.seen.map(({ token }) => token)).toEqual(["token-1", "token-2"]);
  });

  it("is renewed once for many requests", async () => {
    const { request } = await loggedIn();
    server.valid = "something newer";
    await Promise.all([request(SetupRequired, {}), request(SetupRequired, {}), request(SetupRequired, {})]);
    expect(server.refreshes).toBe(1);
  });

  it("fails when the new one is refused too", async () => {
    const { session } = await loggedIn();
    const refuseAll = (async () => {
      throw new ApiError("UNAUTHENTICATED");
    }) as Send;
    await expect(createRequest(refuseAll, session, createStepUp())(SetupRequired, {})).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    expect(server.refreshes).toBe(1);
  });
});

describe("a session that has ended", () => {
  it("lets the request wait, and repeats it after the same person has logged in", async () => {
    const { session, request } = await loggedIn();
    server.alive = false;
    server.valid = "none";
    const answer = request(SetupRequired, {});
    await vi.waitFor(() => expect(session.getState().status).toBe("expired"));
    expect(session.getState().viewer).toEqual(operator);
    session.establish(server.issue());
    await expect(answer).resolves.toEqual({ setupRequired: false });
  });

  it("does not send what waits in somebody else's name", async () => {
    const { session, request } = await loggedIn();
    server.alive = false;
    server.valid = "none";
    const answer = request(SetupRequired, {});
    const refused = expect(answer).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await vi.waitFor(() => expect(session.getState().status).toBe("expired"));
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    server.who = { ...server.who, id: "opr_2" };
    session.establish(server.issue());
    await refused;
    expect(server.seen).toHaveLength(1);
  });

  it("lets what waits fail when the person leaves", async () => {
    const { session, request } = await loggedIn();
    server.alive = false;
    server.valid = "none";
    const answer = expect(request(SetupRequired, {})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await vi.waitFor(() => expect(session.getState().status).toBe("expired"));
    await session.end();
    await answer;
    expect(session.getState()).toEqual({ status: "anonymous" });
  });
});

describe("silent renewal", () => {
  it("comes 45 seconds before the token ends", async () => {
    vi.useFakeTimers();
    await loggedIn();
    await vi.advanceTimersByTimeAsync(254_000);
    expect(server.refreshes).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.refreshes).toBe(1);
  });

  it("is made up before a request when the timer slept", async () => {
    const { request } = await loggedIn();
    vi.setSystemTime(Date.now() + 299_000);
    await request(SetupRequired, {});
    expect(server.refreshes).toBe(1);
    expect(server.seen.map(({ token }) => token)).toEqual(["token-2"]);
  });
});

describe("logging out", () => {
  it("keeps the choice of language and forgets the rest", async () => {
    const { session } = await loggedIn();
    localStorage.setItem("chaveiro.language", "en");
    await session.end();
    expect(session.getState()).toEqual({ status: "anonymous" });
    expect({ ...localStorage }).toEqual({ "chaveiro.language": "en" });
    await expect(session.accessToken()).resolves.toBeNull();
  });
});
