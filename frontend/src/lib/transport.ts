import type { TypedDocumentString } from "@/gql/graphql";
import { portalUrl } from "./portal";

/**
 * What kept an answer from coming. `code` is the server's `extensions.code` (UNAUTHENTICATED,
 * FORBIDDEN, INTERNAL, BAD_USER_INPUT, THROTTLED, BUSY, REAUTH_REQUIRED, PRESENCE_REQUIRED, SECOND_FACTOR_REQUIRED),
 * NETWORK when no answer arrived, or CANCELLED when the person would not prove who it is.
 */
export class ApiError extends Error {
  readonly code: string;
  /** Names the fault in the server's log. */
  readonly requestId?: string;
  /** The clock's time, in milliseconds, from which on the next try is taken. */
  readonly retryAt?: number;

  constructor(code: string, message = code, details: { requestId?: string; retryAfter?: number } = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.requestId = details.requestId;
    this.retryAt = details.retryAfter === undefined ? undefined : Date.now() + details.retryAfter * 1000;
  }
}

const hasCode = (error: unknown, code: string) => error instanceof ApiError && error.code === code;

export const isUnauthenticated = (error: unknown) => hasCode(error, "UNAUTHENTICATED");

/** The server wants to know again who is at the keyboard. */
export const isReauthRequired = (error: unknown) => hasCode(error, "REAUTH_REQUIRED");

/** The server wants the password or a passkey for this one request. */
export const isPresenceRequired = (error: unknown) => hasCode(error, "PRESENCE_REQUIRED");

/** The portal demands a second factor, and the operator has none yet. */
export const isSecondFactorRequired = (error: unknown) => hasCode(error, "SECOND_FACTOR_REQUIRED");

/** The person turned back, which is no failure: nothing is said of it. */
export const isCancelled = (error: unknown) => hasCode(error, "CANCELLED");

export interface SendOptions {
  /** Access token or access key for the Authorization header. */
  token?: string | null;
  /** Sends and keeps the portal's cookies, with the header that opens them. */
  cookies?: boolean;
  signal?: AbortSignal;
}

export type Send = <R, V extends object>(
  document: TypedDocumentString<R, V>,
  variables: V,
  options?: SendOptions,
) => Promise<R>;

const answerWithinMs = 30_000;

export const apiUrl = () => portalUrl("/graphql");

/** Headers of every request to /graphql: the answer's sentences come in the page's language. */
export function requestHeaders({ token, cookies }: SendOptions): Record<string, string> {
  return {
    Accept: "application/json",
    "Accept-Language": document.documentElement.lang,
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(cookies ? { "X-Chaveiro-CSRF": "1" } : {}),
  };
}

/** The name of a document's operation, for caches and the server's log. */
export const operationName = (document: { toString(): string }) => /^\s*\w+ (\w+)/.exec(document.toString())?.[1];

/** One request, as it is: knows nothing of sessions. Fails with ApiError, or with the signal's reason. */
export const send: Send = async <R, V extends object>(
  query: TypedDocumentString<R, V>,
  variables: V,
  options: SendOptions = {},
): Promise<R> => {
  const timeout = AbortSignal.timeout(answerWithinMs);
  try {
    const response = await fetch(apiUrl(), {
      method: "POST",
      credentials: options.cookies ? "include" : "same-origin",
      headers: { ...requestHeaders(options), "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables, operationName: operationName(query) }),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
    const { data, errors } = parseAnswer<R>(await response.text());
    if (data && !errors?.length) return data;
    throw refusal({ status: response.status, errors, headers: response.headers });
  } catch (error) {
    if (options.signal?.aborted || error instanceof ApiError) throw error;
    throw new ApiError("NETWORK", String(error));
  }
};

/** What GraphQL answered; nothing for what is no answer of GraphQL, such as a reverse proxy's page. */
function parseAnswer<R>(text: string): { data?: R | null; errors?: Answer["errors"] } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

interface Answer {
  status: number;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  headers?: Pick<Headers, "get">;
}

/** The error of an answer that is none: what GraphQL says of it, else what its status says. */
export function refusal({ status, errors, headers }: Answer): ApiError {
  const first = errors?.[0];
  const text = (name: string) => {
    const value = first?.extensions?.[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const retryAfter = Number(text("retryAfter") ?? headers?.get("Retry-After") ?? Number.NaN);
  return new ApiError(text("code") ?? codeOfStatus(status), first?.message ?? `HTTP ${status}`, {
    requestId: text("requestId"),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

/** For answers that are not GraphQL's, such as a reverse proxy's. */
function codeOfStatus(status: number): string {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "FORBIDDEN";
    case 429:
      return "THROTTLED";
    case 502:
    case 503:
    case 504:
      return "BUSY";
    default:
      return "INTERNAL";
  }
}
