import type { TypedDocumentString } from "@/gql/graphql";
import { createEventParser, type ServerSentEvent } from "./eventStream";
import { ApiError, apiUrl, operationName, refusal, requestHeaders } from "./transport";

export interface FollowOptions {
  token: string | null;
  signal: AbortSignal;
  /** The server has taken the subscription: what changes from now on is told. */
  onOpen?: () => void;
}

export type Follow = <R, V extends object>(
  document: TypedDocumentString<R, V>,
  variables: V,
  options: FollowOptions,
) => AsyncIterable<R>;

/** The server sends a comment every 15 seconds; a stream that is silent for this long is a connection that is dead. */
const silentMs = 45_000;

/**
 * Follows a subscription over Server-Sent Events, one request each ("distinct connections" of the protocol graphql-sse).
 * Yields what the server sends and ends when it does; fails with ApiError, and knows nothing of sessions.
 *
 * Not the package graphql-sse, because it keeps the server's comments to itself: without them a dead connection cannot
 * be told from a quiet one.
 */
export const follow: Follow = async function* <R, V extends object>(
  document: TypedDocumentString<R, V>,
  variables: V,
  { token, signal, onOpen }: FollowOptions,
) {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silentMs);
  };
  heard();
  try {
    const response = await fetch(apiUrl(), {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        ...requestHeaders({ token }),
        Accept: "text/event-stream",
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ query: document, variables, operationName: operationName(document) }),
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) throw await refusalOf(response);
    onOpen?.();
    for await (const { event, data } of events(response.body, heard)) {
      if (event === "complete") return;
      if (event !== "next") continue;
      const result = JSON.parse(data) as { data?: R | null; errors?: Parameters<typeof refusal>[0]["errors"] };
      if (result.errors?.length) throw refusal({ status: response.status, errors: result.errors });
      if (result.data) yield result.data;
    }
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) throw error;
    throw new ApiError("NETWORK", String(error));
  } finally {
    clearTimeout(timer);
  }
};

/** The events of an answer's body; closes the connection when nobody wants more. */
async function* events(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = createEventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => undefined); // it may have failed already
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => ({})); // a reverse proxy answers with HTML
  return refusal({ status: response.status, errors: body?.errors, headers: response.headers });
}
