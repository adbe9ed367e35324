/** Why a passkey gave no answer. `refused`: cancelled, or nobody touched it in time. `known`: it is registered already. */
export class PasskeyError extends Error {
  readonly reason: "refused" | "known" | "failed";

  constructor(reason: PasskeyError["reason"], cause?: unknown) {
    super(reason, { cause });
    this.name = "PasskeyError";
    this.reason = reason;
  }
}

/** Passkeys belong to a name: at an address such as 127.0.0.1 browsers refuse them. */
const isAddress = (host: string) => /^[\d.]+$|:/.test(host);

/**
 * Whether passkeys can be used in this browser, at the address at which it shows the portal. A browser that cannot read the
 * server's options (before 2025) is treated as one that cannot.
 */
export const passkeysAvailable = () =>
  typeof window.PublicKeyCredential === "function" &&
  "parseRequestOptionsFromJSON" in window.PublicKeyCredential &&
  !isAddress(window.location.hostname);

/** Asks a passkey that exists. Takes the server's options and gives the answer for it, both JSON (WebAuthn Level 3). */
export const askPasskey = (options: string) =>
  answerOf(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)) }),
  );

/** Makes a new passkey; as askPasskey. */
export const makePasskey = (options: string) =>
  answerOf(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)) }),
  );

async function answerOf(ask: () => Promise<Credential | null>): Promise<string> {
  try {
    return JSON.stringify(((await ask()) as PublicKeyCredential).toJSON());
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === "NotAllowedError" || name === "AbortError") throw new PasskeyError("refused", error);
    throw new PasskeyError(name === "InvalidStateError" ? "known" : "failed", error);
  }
}
