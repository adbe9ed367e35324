import { type ComponentType, useEffect, useState } from "react";
import i18n, { laterParts, loadTexts } from "@/i18n";
import { notify } from "./notify";

const retryMs = 3_000;

/**
 * A part of the page whose code comes after the page: dialogs, and all that nobody needs to see first. Its code is
 * fetched when the browser has nothing else to do, or at once when the part is drawn, which shows nothing until then.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;
  const fetchCode = () => {
    loading ??= Promise.all([load(), loadTexts(...laterParts)])
      .then(([component]) => {
        Loaded = component;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  whenIdle(() => void fetchCode().catch(() => undefined)); // it is tried again when it is drawn

  return function Later(props: P) {
    const [, setLoaded] = useState(false);
    useEffect(() => {
      if (Loaded) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let gone = false;
      const attempt = async () => {
        try {
          await fetchCode();
          if (!gone) setLoaded(true);
        } catch {
          if (gone) return;
          notify.failed(i18n.t("error.code"), { id: "later" });
          timer = setTimeout(attempt, retryMs);
        }
      };
      void attempt();
      return () => {
        gone = true;
        clearTimeout(timer);
      };
    }, []);
    return Loaded ? <Loaded {...props} /> : null;
  };
}

/** The same for a dialog, whose code is fetched at the latest when it opens. */
export function laterDialog<P extends { opened: boolean }>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Dialog = later(load);
  return function LaterDialog(props: P) {
    const [wanted, setWanted] = useState(props.opened);
    if (props.opened && !wanted) setWanted(true);
    return wanted ? <Dialog {...props} /> : null;
  };
}

/** Calls when the page is there and the browser is idle; never where the browser does not tell. */
function whenIdle(call: () => void) {
  if (!window.requestIdleCallback) return;
  const wait = () => window.requestIdleCallback(call, { timeout: 5_000 });
  if (document.readyState === "complete") wait();
  else window.addEventListener("load", wait, { once: true });
}
