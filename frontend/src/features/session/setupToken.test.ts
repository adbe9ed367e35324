import { expect, it } from "vitest";
import { setupToken, takeSetupToken, tokenOf } from "./setupToken";

it("takes the token out of the address bar", () => {
  window.history.replaceState(null, "", "/setup#token=abc123");
  takeSetupToken();
  expect(setupToken()).toBe("abc123");
  expect(window.location.href).not.toContain("abc123");
});

it.each(["abc123", " abc123 ", "#token=abc123", "http://127.0.0.1:8080/setup#token=abc123"])(
  "finds the token in %s",
  (text) => {
    expect(tokenOf(text)).toBe("abc123");
  },
);
