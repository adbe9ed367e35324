import { useSyncExternalStore } from "react";
import { session } from "./session";
import { ApiError } from "./transport";

/**
 * The question "is it still you?" that the server asks before what matters most. Requests that are refused for want of a
 * recent log-in wait for the one answer; a dialog gives it.
 */
export function createStepUp() {
  let waiters: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const listeners = new Set<() => void>();

  function settle(answer: (waiter: (typeof waiters)[number]) => void) {
    const waiting = waiters;
    waiters = [];
    waiting.forEach(answer);
    tell();
  }
  function tell() {
    for (const listener of listeners) listener();
  }

  return {
    isAsked: () => waiters.length > 0,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /** Waits until the person has proved who it is; fails with CANCELLED when the person would not. */
    ask(): Promise<void> {
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject });
        tell();
      });
    },

    done: () => settle(({ resolve }) => resolve()),

    cancel: () => settle(({ reject }) => reject(new ApiError("CANCELLED"))),
  };
}

export const stepUp = createStepUp();

// Whoever leaves is asked nothing more.
session.subscribe(() => {
  if (session.getState().status === "anonymous" && stepUp.isAsked()) stepUp.cancel();
});

export const useStepUpAsked = () => useSyncExternalStore(stepUp.subscribe, stepUp.isAsked);
