import type { ExecutionResult } from "graphql";
import { ApiError, apiUrl, requestHeaders } from "@/lib/transport";
import { operationToRun } from "./operation";

/** What the page knows at the moment of a request and of its answer. */
export interface Surroundings {
  /** The token to ask with, null for none. */
  token(): Promise<string | null>;
  /** The id of the tab on the screen; undefined until GraphiQL tells of one. */
  tab(): string | undefined;
}

interface Parameters {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

interface Options {
  headers?: Record<string, unknown>;
}

/** GraphiQL's own question for the schema, which is of no tab. */
const schemaOperation = "IntrospectionQuery";

/**
 * Sends what GraphiQL asks, and gives it the answer. GraphiQL writes an answer into whatever tab is on the screen when
 * it comes: one that comes after a change of tab is dropped, also a failure.
 */
export function createFetcher({ token, tab }: Surroundings) {
  return async (
    parameters: Parameters,
    options?: Options,
  ): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> => {
    const askedIn = tab();
    const isLate = () => parameters.operationName !== schemaOperation && tab() !== askedIn;
    try {
      const answer = await send(parameters, options, token);
      return isLate() ? nothing() : answer;
    } catch (error) {
      if (isLate()) return nothing();
      throw error;
    }
  };
}

async function send(
  parameters: Parameters,
  options: Options | undefined,
  token: Surroundings["token"],
): Promise<ExecutionResult> {
  const { query, variables, operationName } = parameters;
  const body = JSON.stringify({ query, variables, operationName: operationToRun(query, operationName) });
  const response = await fetch(apiUrl(), {
    method: "POST",
    credentials: "omit",
    headers: {
      ...options?.headers,
      "Content-Type": "application/json",
      ...requestHeaders({ token: await token() }),
    },
    body,
  }).catch((error) => {
    throw new ApiError("NETWORK", String(error));
  });
  return response.json();
}

/** Tells GraphiQL that a request is over, without an answer to show. */
async function* nothing(): AsyncGenerator<ExecutionResult> {}
