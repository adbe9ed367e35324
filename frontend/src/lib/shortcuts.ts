import { useEffect, useState, useSyncExternalStore } from "react";

/** A key that does something by itself while no field has the focus. ShortcutsHelp lists them all. */
export interface Shortcut {
  /** As the browser calls it: "j", "/", "?". */
  key: string;
  run: () => void;
}

/** Keeps the choice to have no shortcuts of one key: they are in the way of who speaks to the computer (WCAG 2.1.4). */
const choiceKey = "chaveiro.shortcuts";

/** The shortcuts that work at this moment. */
let registered: readonly { shortcuts: readonly Shortcut[] }[] = [];
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const areOn = () => localStorage.getItem(choiceKey) !== "off";

function turn(on: boolean) {
  if (on) localStorage.removeItem(choiceKey);
  else localStorage.setItem(choiceKey, "off");
  tell();
}

/** Whether shortcuts of one key work in this browser, and how to turn them on and off. */
export const useShortcutChoice = () => [useSyncExternalStore(subscribe, areOn), turn] as const;

/** Makes keys work while the component is there. Of two with the same key the later one gets it. */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
  const [own] = useState(() => ({ shortcuts }));
  useEffect(() => {
    own.shortcuts = shortcuts;
  });
  useEffect(() => {
    if (registered.length === 0) document.addEventListener("keydown", press);
    registered = [...registered, own];
    return () => {
      registered = registered.filter((other) => other !== own);
      if (registered.length === 0) document.removeEventListener("keydown", press);
    };
  }, [own]);
}

function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing || !areOn() || isBusy(event)) return;
  const found = registered.flatMap(({ shortcuts }) => shortcuts).findLast(({ key }) => key === event.key);
  if (!found) return;
  event.preventDefault();
  found.run();
}

/** Whether a key belongs to something else: a field, a menu, a dialog, or the browser. */
function isBusy(event: KeyboardEvent) {
  // On some Brazilian keyboards "/" and "?" are typed with AltGr, which counts as Ctrl and Alt.
  if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph")) return true;
  if (document.querySelector('[aria-modal="true"]')) return true;
  const at = event.target instanceof Element ? event.target : null;
  const field = at?.closest('input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"]');
  return Boolean(field && !(field instanceof HTMLInputElement && ["checkbox", "radio", "button"].includes(field.type)));
}
