/** Marks the link that a whole row of a list leads to. */
export const rowLink = { "data-row-link": true } as const;

const selector = "[data-row-link]";

const linksOf = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLAnchorElement>(selector) ?? [])];

/** Puts the focus on the first row of a list; on the list itself when its rows lead nowhere. */
export const focusFirstRow = (list: HTMLElement | null) => (linksOf(list)[0] ?? list)?.focus({ preventScroll: true });

/** Moves the focus from row to row. Without a row it takes the first. Gives false when there is no row in that direction. */
export function moveRow(list: HTMLElement | null, step: 1 | -1): boolean {
  const links = linksOf(list);
  const at = links.findIndex((link) => link.closest("tr, li")?.contains(document.activeElement));
  const next = links[at < 0 ? 0 : at + step];
  next?.focus();
  return next !== undefined;
}

/** Opens the only row. Gives false when there is another one, or none. */
export function openOnlyRow(list: HTMLElement | null): boolean {
  const [link, ...others] = linksOf(list);
  if (!link || others.length > 0) return false;
  link.click();
  return true;
}

interface Click {
  target: EventTarget;
  currentTarget: Element;
  button: number;
  ctrlKey: boolean;
  metaKey: boolean;
  defaultPrevented: boolean;
}

/**
 * Opens the link of a row that is clicked anywhere, in a new tab where a click on the link would. What is pressed in the row
 * keeps its own meaning, and text can be selected.
 */
export function openRow(event: Click) {
  const row = event.currentTarget;
  const link = row.querySelector<HTMLAnchorElement>(selector);
  const { target } = event;
  // What a row has opened, such as a menu, stands elsewhere in the document.
  if (!link || event.defaultPrevented || event.button > 1 || !(target instanceof Element) || !row.contains(target))
    return;
  if (target.closest("a, button, input, label, select, textarea, summary")) return;
  const selection = window.getSelection();
  if (selection && !selection.isCollapsed && row.contains(selection.anchorNode)) return;
  if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
}
