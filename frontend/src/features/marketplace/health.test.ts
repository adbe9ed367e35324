import { describe, expect, it } from "vitest";
import { remedyOf } from "./health";

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
