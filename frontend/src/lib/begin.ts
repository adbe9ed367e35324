import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** What the page does once when it is reached: "key" makes a key, "test ID" tests a connection. */
    begin?: string;
    /** The connection or key that the page was opened for. */
    opened?: string;
    /** The document of a client that is about to be added. */
    document?: string;
  }
}

/** Does what the way to the page has asked for, once: not again after a reload. */
export function useBegin(what: string, possible: boolean, run: () => void) {
  const router = useRouter();
  const asked = useLocation({ select: ({ state }) => state.begin === what });
  // biome-ignore lint/correctness/useExhaustiveDependencies: run is new each time and the same
  useEffect(() => {
    if (!asked || !possible) return;
    void router.navigate({ to: ".", search: true, hash: true, replace: true, resetScroll: false, ...withoutBegin });
    run();
  }, [asked, possible, router]);
}

const withoutBegin = { state: (before: object) => ({ ...before, begin: undefined }) } as const;
