import { useLocation, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { remember } from "@/lib/recents";
import { useSession } from "@/lib/session";

/** Keeps what was opened last: clients, and the connections and keys that were looked for. */
export function RememberOpened() {
  const { viewer } = useSession();
  const operator = viewer?.id;
  const { id } = useParams({ strict: false });
  const client = id?.startsWith("cli_") ? id : undefined;
  const opened = useLocation({ select: ({ state }) => state.opened });
  useEffect(() => {
    if (!operator) return;
    if (client) remember(operator, client);
    if (opened) remember(operator, opened);
  }, [operator, client, opened]);
  return null;
}
