import { describe, expect, it } from "vitest";
import { canReconnect, isProblem, remedyOf } from "./health";

describe("what helps a connection", () => {
  it("is to give new credentials when they were refused", () => {
    expect(remedyOf("PASSWORD_REFUSED", false)).toBe("replace");
    expect(remedyOf("RENEWAL_LOST", false)).toBe("replace");
  });

  it("is to install again where nothing is typed", () => {
    expect(remedyOf("TOKEN_REFUSED", true)).toBe("install");
    expect(remedyOf("WAITING_FOR_MERCHANT", true)).toBe("install");
    expect(remedyOf("ACCESS_REVOKED", true)).toBe("install");
  });

  it("is to ask again when the provider could not answer", () => {
    expect(remedyOf("UNREACHABLE", true)).toBe("test");
    expect(remedyOf("PROVIDER_FAULT", false)).toBe("test");
  });

  it("is nothing when it works or passes by itself", () => {
    expect(remedyOf("CHECK_PASSED", false)).toBeUndefined();
    expect(remedyOf("RATE_LIMITED", false)).toBeUndefined();
  });
});

describe("a problem of a shop", () => {
  it("is what a person should look at", () => {
    expect(isProblem({ state: "NEEDS_ATTENTION", reason: "TOKEN_REFUSED" })).toBe(true);
    expect(isProblem({ state: "FAILING", reason: "UNREACHABLE" })).toBe(true);
    expect(isProblem({ state: "SUSPENDED", reason: "SUSPENDED_BY_PROVIDER" })).toBe(true);
  });

  it("is not what waits for its provider, what works, or what the portal mends by itself", () => {
    expect(isProblem({ state: "FAILING", reason: "PROVIDER_INCIDENT" })).toBe(false);
    expect(isProblem({ state: "EXPIRING", reason: "RENEWAL_INTERRUPTED" })).toBe(false);
    expect(isProblem({ state: "CONNECTED", reason: "CHECK_PASSED" })).toBe(false);
  });
});

describe("connecting again", () => {
  it("is offered where the house's log-in may mend a refusal, and there is one", () => {
    expect(canReconnect({ reason: "RENEWAL_LOST" }, true)).toBe(true);
    expect(canReconnect({ reason: "STORE_UNKNOWN" }, true)).toBe(true);
    expect(canReconnect({ reason: "RENEWAL_LOST" }, false)).toBe(false);
    expect(canReconnect({ reason: "SECRETS_LOST" }, true)).toBe(false);
  });
});
