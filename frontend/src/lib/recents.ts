import { useSyncExternalStore } from "react";

/** How many things are kept. */
const most = 8;

const key = (operator: string) => `chaveiro.recents.${operator}`;
const listeners = new Set<() => void>();
let cached: { text: string; ids: readonly string[] } = { text: "", ids: [] };

/** The ids of what an operator last opened in this browser, the last one first. A log-out ends them with all that is kept. */
export function recentsOf(operator: string): readonly string[] {
  const text = localStorage.getItem(key(operator)) ?? "";
  if (text !== cached.text) cached = { text, ids: read(text) };
  return cached.ids;
}

function read(text: string): readonly string[] {
  const ids = text.split(" ");
  return ids.filter((id) => /^[a-z]{3}_[0-9a-v]{1,40}$/.test(id)).slice(0, most);
}

/** Keeps that something was opened. Only its id is kept: what it is called is asked for when it is shown. */
export function remember(operator: string, id: string) {
  const ids = [id, ...recentsOf(operator).filter((other) => other !== id)].slice(0, most);
  localStorage.setItem(key(operator), ids.join(" "));
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useRecents = (operator: string | undefined) =>
  useSyncExternalStore(subscribe, () => (operator === undefined ? none : recentsOf(operator)));

const none: readonly string[] = [];
