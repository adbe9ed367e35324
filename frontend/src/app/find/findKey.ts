import { useEffect } from "react";
import { session } from "@/lib/session";

/** Ctrl+K opens the box that finds everything, also while a field has the focus. */
export function useFindKey(open?: () => void) {
  useEffect(() => {
    if (!open) return;
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault(); // of the browser, which would go to its address bar
      if (session.getState().status === "active") open();
    };
    document.addEventListener("keydown", press, { capture: true });
    return () => document.removeEventListener("keydown", press, { capture: true });
  }, [open]);
}
