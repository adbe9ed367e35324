import { expect, it } from "vitest";
import { passwordLinkSecret, setupToken } from "./linkSecret";

it.each([
  { secret: setupToken, address: "/setup#token=abc123" },
  { secret: passwordLinkSecret, address: "/senha#link=abc123" },
])("takes the secret of $address out of the address bar", ({ secret, address }) => {
  window.history.replaceState(null, "", address);
  secret.take();
  expect(secret.current()).toBe("abc123");
  expect(window.location.href).not.toContain("abc123");
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
