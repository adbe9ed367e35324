/** The server ends a session that was not used for this long; the page must not use it by itself meanwhile. */
const idleAfterMs = 25 * 60_000;

let lastActivity = Date.now();

for (const event of ["pointerdown", "keydown", "wheel", "touchstart"] as const) {
  window.addEventListener(
    event,
    () => {
      lastActivity = Date.now();
    },
    { passive: true, capture: true },
  );
}

/** Whether nobody has touched the page for so long that it must stop renewing the session and polling. */
export const isIdle = () => Date.now() - lastActivity > idleAfterMs;
