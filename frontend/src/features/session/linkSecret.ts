import { useSyncExternalStore } from "react";

/** The secret that a link carries behind its #, under a name of its own, as in /senha#link=... */
export function createLinkSecret(name: string) {
  let secret = "";

  /** The secret in such a link, or in what was pasted instead of one. */
  const of = (text: string) => new RegExp(`(?:^|[#&?])${name}=([^&\\s]+)`).exec(text.trim())?.[1] ?? text.trim();

  /** Reads the secret and takes it out of the address bar and the history. */
  const take = () => {
    if (!window.location.hash.includes(`${name}=`)) return;
    secret = of(window.location.hash);
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  };

  /** Tells when such a link is opened while the page is open already, which changes no more than the address. */
  const subscribe = (opened: () => void) => {
    take(); // of a link that was opened while the form was on its way
    const onHashChange = () => {
      take();
      opened();
    };
    window.addEventListener("hashchange", onHashChange);
    return () => window.removeEventListener("hashchange", onHashChange);
  };

  const current = () => secret;
  return { of, take, current, use: () => useSyncExternalStore(subscribe, current) };
}

export const setupToken = createLinkSecret("token");
export const passwordLinkSecret = createLinkSecret("link");
