// Proves: 2.8

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TypedDocumentString } from "@/gql/graphql";
import { createRequest } from "./graphql";
import { createSession } from "./session";
import { createStepUp } from "./stepUp";
import { ApiError, type Send } from "./transport";

const Disable = "mutation Disable { disable }" as unknown as TypedDocumentString<{ disable: true }, { id?: string }>;

const payload = (accessToken: string) => ({
  accessToken,
  expiresAt: new Date(Date.now() + 300_000).toISOString(),
  operator: { id: "opr_1", name: "Marina", email: "marina@example.com", role: "ADMIN" } as const,
  userErrors: [],
});

/** A server that takes only the token of a recent log-in. */
function begin(refusal = "REAUTH_REQUIRED") {
  const sent: { token?: string | null; variables: object }[] = [];
  const send = (async (_document, variables, { token } = {}) => {
    await Promise.resolve();
    sent.push({ token, variables });
    if (token !== "recent") throw new ApiError(refusal);
    return { disable: true };
  }) as Send;
  const session = createSession(send);
  session.establish(payload("old"));
  const stepUp = createStepUp();
  return { sent, session, stepUp, request: createRequest(send, session, stepUp) };
}

beforeEach(() => localStorage.clear());

describe("a request that needs a recent log-in", () => {
  it("is repeated as it was, with the new token, after the person has proved who it is", async () => {
    const { request, session, stepUp, sent } = begin();
    const answer = request(Disable, { id: "opr_2" });
    await vi.waitFor(() => expect(stepUp.isAsked()).toBe(true));
    session.establish(payload("recent"));
    stepUp.done();
    await expect(answer).resolves.toEqual({ disable: true });
    expect(sent).toEqual([
      { token: "old", variables: { id: "opr_2" } },
      { token: "recent", variables: { id: "opr_2" } },
    ]);
    expect(stepUp.isAsked()).toBe(false);
  });

  it("shares the question with others that are refused meanwhile", async () => {
    const { request, session, stepUp, sent } = begin();
    const answers = Promise.all([request(Disable, {}), request(Disable, {})]);
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    await vi.waitFor(() => expect(stepUp.isAsked()).toBe(true));
    session.establish(payload("recent"));
    stepUp.done();
    await expect(answers).resolves.toHaveLength(2);
    expect(stepUp.isAsked()).toBe(false);
  });

  it("is not sent again when the person turns back", async () => {
    const { request, stepUp, sent } = begin();
    const answer = expect(request(Disable, {})).rejects.toMatchObject({ code: "CANCELLED" });
    await vi.waitFor(() => expect(stepUp.isAsked()).toBe(true));
    stepUp.cancel();
    await answer;
    expect(sent).toHaveLength(1);
  });

  it("is asked for the one proof and then for the other when it lacks both", async () => {
    const refusals = ["REAUTH_REQUIRED", "PRESENCE_REQUIRED"];
    const send = (async () => {
      await Promise.resolve();
      const refusal = refusals.shift();
      if (refusal) throw new ApiError(refusal);
      return { disable: true };
    }) as Send;
    const session = createSession(send);
    session.establish(payload("old"));
    const stepUp = createStepUp();
    const answer = createRequest(send, session, stepUp)(Disable, {});
    await vi.waitFor(() => expect(stepUp.asked()).toBe("recent"));
    stepUp.done();
    await vi.waitFor(() => expect(stepUp.asked()).toBe("presence"));
    stepUp.done();
    await expect(answer).resolves.toEqual({ disable: true });
    expect(stepUp.isAsked()).toBe(false);
  });

  it("goes on when its own proof was given, and not with that of another", async () => {
    const stepUp = createStepUp();
    const gone: string[] = [];
    void stepUp.ask("recent").then(() => gone.push("recent"));
    void stepUp.ask("presence").then(() => gone.push("presence"));
    stepUp.done();
    await vi.waitFor(() => expect(gone).toEqual(["recent"]));
    expect(stepUp.asked()).toBe("presence");
    stepUp.done();
    await vi.waitFor(() => expect(gone).toEqual(["recent", "presence"]));
  });

  it("is repeated once only", async () => {
    const { request, stepUp, sent } = begin();
    const answer = expect(request(Disable, {})).rejects.toMatchObject({ code: "REAUTH_REQUIRED" });
    await vi.waitFor(() => expect(stepUp.isAsked()).toBe(true));
    stepUp.done();
    await answer;
    expect(sent).toHaveLength(2);
    expect(stepUp.isAsked()).toBe(false);
  });
});

describe("a portal that demands a second factor", () => {
  it("is remembered, also after the token was renewed, until the second factor is there", async () => {
    const { request, session, stepUp } = begin("SECOND_FACTOR_REQUIRED");
    await expect(request(Disable, {})).rejects.toMatchObject({ code: "SECOND_FACTOR_REQUIRED" });
    expect(stepUp.isAsked()).toBe(false);
    session.establish(payload("newer"));
    expect(session.getState().secondFactorDue).toBe(true);
    session.secondFactorDone();
    expect(session.getState()).toMatchObject({ status: "active", secondFactorDue: false });
  });
});
