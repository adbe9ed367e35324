/** The server ends a session that was not used for this long; the page must not use it by itself meanwhile. */
const idleAfterMs = 25 * 60_000;

let lastActivity = Date.now();
const listeners = new Set<() => void>();

for (const event of ["pointerdown", "keydown", "wheel", "touchstart"] as const) {
  window.addEventListener(
    event,
    () => {
      lastActivity = Date.now();
      for (const listener of listeners) listener();
    },
    { passive: true, capture: true },
  );
}

/** Whether nobody has touched the page for so long that it must stop renewing the session and asking for news. */
export const isIdle = () => Date.now() - lastActivity > idleAfterMs;

/** Tells of each touch of the page, until the answer is called. */
export function onActivity(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
