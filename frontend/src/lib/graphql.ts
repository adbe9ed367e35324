import { type UseQueryOptions, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { TypedDocumentString } from "@/gql/graphql";
import { type createSession, session } from "./session";
import { type Proof, proofFor, stepUp } from "./stepUp";
import {
  isSecondFactorRequired,
  isUnauthenticated,
  operationName,
  type Send,
  type SendOptions,
  send,
} from "./transport";

type RequestOptions = Omit<SendOptions, "token">;

/** Requests in the name of the session: renews the token when it must, and repeats what was refused for an old one. */
function createSessionRequest(
  transport: Send,
  owner: Pick<ReturnType<typeof createSession>, "accessToken" | "replace" | "demandSecondFactor">,
) {
  return async <R, V extends object>(
    document: TypedDocumentString<R, V>,
    variables: V,
    options: RequestOptions = {},
  ): Promise<R> => {
    const token = await owner.accessToken();
    try {
      return await transport(document, variables, { ...options, token });
    } catch (error) {
      if (isSecondFactorRequired(error)) owner.demandSecondFactor();
      if (!isUnauthenticated(error)) throw error;
      await owner.replace(token);
      return transport(document, variables, { ...options, token: await owner.accessToken() });
    }
  };
}

/** The same, which also asks the person for the proofs that the server wants, each once, and then repeats the request. */
export function createRequest(
  transport: Send,
  owner: Parameters<typeof createSessionRequest>[1],
  proof: Pick<typeof stepUp, "ask">,
) {
  const attempt = createSessionRequest(transport, owner);
  return async <R, V extends object>(
    document: TypedDocumentString<R, V>,
    variables: V,
    options?: RequestOptions,
  ): Promise<R> => {
    const asked = new Set<Proof>();
    for (;;) {
      try {
        return await attempt(document, variables, options);
      } catch (error) {
        const lacking = proofFor(error);
        if (!lacking || asked.has(lacking)) throw error;
        asked.add(lacking);
        await proof.ask(lacking);
      }
    }
  };
}

export const request = createRequest(send, session, stepUp);

/** What a query is cached under: the operation's name and its variables. Without variables: all answers to it. */
export function queryKeyOf<R, V extends object>(document: TypedDocumentString<R, V>, variables?: V) {
  const name = operationName(document);
  return variables ? [name, variables] : [name];
}

/** A query of the API as React state. */
export function useApi<R, V extends object>(
  document: TypedDocumentString<R, V>,
  variables: V,
  options?: Omit<UseQueryOptions<R, Error>, "queryKey" | "queryFn">,
): UseQueryResult<R, Error> {
  return useQuery({
    queryKey: queryKeyOf(document, variables),
    queryFn: ({ signal }) => request(document, variables, { signal }),
    ...options,
  });
}
