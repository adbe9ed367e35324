let linkToken = "";

/** The token in a set-up link, or in what was pasted instead of one. */
export function tokenOf(text: string): string {
  return /(?:^|[#&?])token=([^&\s]+)/.exec(text.trim())?.[1] ?? text.trim();
}

/** Reads the token of the set-up link and takes it out of the address bar and the history. */
export function takeSetupToken() {
  if (!window.location.hash.includes("token=")) return;
  linkToken = tokenOf(window.location.hash);
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
}

/** Tells when a set-up link is opened while the page is open already, which changes no more than the address. */
export function onSetupLink(opened: () => void): () => void {
  const take = () => {
    takeSetupToken();
    opened();
  };
  window.addEventListener("hashchange", take);
  return () => window.removeEventListener("hashchange", take);
}

export const setupToken = () => linkToken;
