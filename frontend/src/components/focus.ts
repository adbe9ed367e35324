const fields =
  "[data-autofocus], input:not([type=hidden], [readonly], [hidden]), textarea, select, [contenteditable=true]";

const usable = (element: HTMLElement) => !element.matches(":disabled") && element.closest("[hidden], [inert]") === null;

/**
 * Puts the focus where the next key belongs when a part of the page appears: on the field with data-autofocus, else on
 * the first field. What comes a moment later is waited for, until the person has begun elsewhere. For `ref`.
 */
export function focusFirstField(area: HTMLElement | null) {
  if (!area) return;
  const look = () => {
    const found = [...area.querySelectorAll<HTMLElement>(fields)].filter(usable);
    const first = found.find((field) => field.hasAttribute("data-autofocus")) ?? found[0];
    if (!first) return;
    stop();
    // The trap of a dialog looks for it as well, a moment later.
    first.setAttribute("data-autofocus", "true");
    first.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(look);
  const begun = ["keydown", "pointerdown"] as const;
  function stop() {
    observer.disconnect();
    for (const event of begun) window.removeEventListener(event, stop, true);
  }
  observer.observe(area, { childList: true, subtree: true });
  for (const event of begun) window.addEventListener(event, stop, true);
  look();
  return stop;
}
