import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";

/** Changes often come together: what follows within this time is read with the first. */
const togetherMs = 200;

/** Reads again what is told to be old: soon, but no more often than every `leastMs`, however much changes. */
export function createRefresher(queryClient: Pick<QueryClient, "invalidateQueries">, leastMs: number) {
  const old = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;

  const refresh = () => {
    timer = undefined;
    last = Date.now();
    const keys = [...old.values()];
    old.clear();
    for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey });
  };

  return {
    /** A query's key, or the beginning of several. */
    add(queryKey: QueryKey) {
      old.set(hashKey(queryKey), queryKey);
      timer ??= setTimeout(refresh, Math.max(togetherMs, last + leastMs - Date.now()));
    },
    stop: () => clearTimeout(timer),
  };
}
