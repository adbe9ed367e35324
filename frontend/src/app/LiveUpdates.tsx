import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { live } from "@/lib/live";
import { useSession } from "@/lib/session";
import { queriesTouchedBy } from "./changes";
import { createRefresher } from "./refresher";

/** What one page shows of one thing is read again soon; lists, which every change of the portal touches, less often. */
const oneMs = 1_000;
const listsMs = 5_000;

/** Keeps what is on the screen as the portal is: one stream for the whole page, from log-in to log-out. */
export function LiveUpdates() {
  const queryClient = useQueryClient();
  const { status } = useSession();
  const loggedIn = status === "active" || status === "expired";

  useEffect(() => (loggedIn ? live.start() : undefined), [loggedIn]);

  useEffect(() => {
    const ones = createRefresher(queryClient, oneMs);
    const lists = createRefresher(queryClient, listsMs);
    const unsubscribe = live.subscribe((change) => {
      const touched = queriesTouchedBy(change);
      touched.ones.forEach(ones.add);
      touched.lists.forEach(lists.add);
    });
    return () => {
      unsubscribe();
      ones.stop();
      lists.stop();
    };
  }, [queryClient]);

  return null;
}
