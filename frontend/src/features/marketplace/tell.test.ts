import { afterEach, beforeEach, describe, expect, it } from "vitest";
import i18n, { changeLanguage } from "@/i18n";
import { messageFor } from "./tell";

const of = { client: "Padaria do Zé", provider: "Nuvemshop" };

function nameHouse(name: string) {
  const meta = document.createElement("meta");
  meta.name = "organization";
  meta.content = name;
  document.head.append(meta);
}

beforeEach(() => changeLanguage("pt-BR"));
afterEach(() => document.querySelector('meta[name="organization"]')?.remove());

describe("the message for a merchant", () => {
  it("names house, shop and provider, and asks for what mends the state", () => {
    nameHouse("Softcom");
    const message = messageFor(i18n.t, "SUSPENDED_BY_PROVIDER", of) ?? "";
    for (const part of ["Aqui é a Softcom", "Padaria do Zé", "Nuvemshop", "falta de pagamento"]) {
      expect(message).toContain(part);
    }
  });

  it("asks for no secret in a message", () => {
    for (const reason of ["PASSWORD_REFUSED", "TOKEN_REFUSED", "CREDENTIALS_END_SOON"] as const) {
      expect(messageFor(i18n.t, reason, of)).toMatch(/^Olá!\n\n.*não (a envie|envie o token) por mensagem/s);
    }
  });

  it("is not there where a merchant can do nothing", () => {
    expect(messageFor(i18n.t, "CHECK_PASSED", of)).toBeUndefined();
    expect(messageFor(i18n.t, "UNREACHABLE", of)).toBeUndefined();
  });
});
