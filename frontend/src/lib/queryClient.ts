import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./transport";

const passing = new Set(["NETWORK", "BUSY"]);

/** Retries what passes by itself; keeps no answer of a mutation, since one may hold a key. */
export function createQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) => count < 2 && error instanceof ApiError && passing.has(error.code),
      },
      mutations: { gcTime: 0, retry: false, networkMode: "always" },
    },
  });
}
