import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { createLinkSecret, passwordLinkSecret, setupToken } from "./linkSecret";

it.each([
  { secret: setupToken, address: "/setup#token=abc123" },
  { secret: passwordLinkSecret, address: "/senha#link=abc123" },
])("takes the secret of $address out of the address bar", ({ secret, address }) => {
  window.history.replaceState(null, "", address);
  secret.take();
  expect(secret.current()).toBe("abc123");
  expect(window.location.href).not.toContain("abc123");
});

it("takes a link that is opened before the form that waits for it, or while it is open", () => {
  const invitation = createLinkSecret("link");
  window.history.replaceState(null, "", "/senha#link=early");
  const { result } = renderHook(() => invitation.use());
  expect(result.current).toBe("early");
  expect(window.location.hash).toBe("");
  window.history.replaceState(null, "", "/senha#link=late");
  act(() => void window.dispatchEvent(new HashChangeEvent("hashchange")));
  expect(result.current).toBe("late");
  expect(window.location.hash).toBe("");
});

it("leaves other links as they are", () => {
  window.history.replaceState(null, "", "/clientes/cli_1#chaves");
  passwordLinkSecret.take();
  expect(window.location.hash).toBe("#chaves");
});

it.each(["abc123", " abc123 ", "#token=abc123", "http://127.0.0.1:8080/setup#token=abc123"])(
  "finds the token in %s",
  (text) => {
    expect(setupToken.of(text)).toBe("abc123");
  },
);
