import { describe, expect, it, vi } from "vitest";
import { askPasskey, makePasskey, passkeysAvailable } from "./passkey";

/** A browser whose passkey does as it is told. */
function browser(answer: () => Promise<unknown>) {
  const asked: unknown[] = [];
  const ask = (options: unknown) => {
    asked.push(options);
    return answer();
  };
  vi.stubGlobal("PublicKeyCredential", function PublicKeyCredential() {});
  Object.assign(window.PublicKeyCredential, {
    parseRequestOptionsFromJSON: (options: object) => ({ read: "request", ...options }),
    parseCreationOptionsFromJSON: (options: object) => ({ read: "creation", ...options }),
  });
  vi.stubGlobal("navigator", { credentials: { get: ask, create: ask } });
  return asked;
}

describe("a passkey", () => {
  it("is asked with the options of the server, and its answer is JSON", async () => {
    const asked = browser(async () => ({ toJSON: () => ({ id: "abc", type: "public-key" }) }));
    await expect(askPasskey('{"challenge":"AQID"}')).resolves.toBe('{"id":"abc","type":"public-key"}');
    await expect(makePasskey('{"challenge":"BAUG"}')).resolves.toBe('{"id":"abc","type":"public-key"}');
    expect(asked).toEqual([
      { publicKey: { read: "request", challenge: "AQID" } },
      { publicKey: { read: "creation", challenge: "BAUG" } },
    ]);
  });

  it.each([
    ["NotAllowedError", "refused"],
    ["InvalidStateError", "known"],
    ["SecurityError", "failed"],
  ])("that answers %s was %s", async (name, reason) => {
    browser(async () => {
      throw new DOMException("", name);
    });
    await expect(askPasskey("{}")).rejects.toMatchObject({ reason });
  });

  it("is not proposed where the browser has none", () => {
    expect(passkeysAvailable()).toBe(false);
    browser(async () => null);
    expect(passkeysAvailable()).toBe(true);
  });

  it.each(["127.0.0.1", "[::1]"])("is not proposed at %s, which is no name", (hostname) => {
    browser(async () => null);
    vi.stubGlobal("location", { hostname });
    expect(passkeysAvailable()).toBe(false);
  });
});
