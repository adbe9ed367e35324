import { useSyncExternalStore } from "react";
import { session } from "./session";
import { ApiError, isPresenceRequired, isReauthRequired } from "./transport";

/**
 * What a person can be asked to prove. `recent`: that it is still the one who logged in, by the second factor or, without
 * one, the password. `presence`: to be there for this one change, by the password or a passkey.
 */
export type Proof = "recent" | "presence";

/** The proof that a refused request lacks, if that is what it lacks. */
export function proofFor(error: unknown): Proof | undefined {
  if (isReauthRequired(error)) return "recent";
  return isPresenceRequired(error) ? "presence" : undefined;
}

/**
 * The question "is it still you?" that the server asks before what matters most. Requests that are refused for want of a
 * proof wait for the one answer; a dialog gives it. When both proofs are waited for, one is asked after the other.
 */
export function createStepUp() {
  let waiters: { proof: Proof; resolve: () => void; reject: (error: Error) => void }[] = [];
  const listeners = new Set<() => void>();

  function tell() {
    for (const listener of listeners) listener();
  }
  const asked = () => waiters[0]?.proof;

  return {
    isAsked: () => waiters.length > 0,
    /** Which proof is asked for now. */
    asked,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /** Waits until the person has proved it; fails with CANCELLED when the person would not. */
    ask(proof: Proof): Promise<void> {
      return new Promise((resolve, reject) => {
        waiters.push({ proof, resolve, reject });
        tell();
      });
    },

    done() {
      const proof = asked();
      const proved = waiters.filter((waiter) => waiter.proof === proof);
      waiters = waiters.filter((waiter) => waiter.proof !== proof);
      for (const { resolve } of proved) resolve();
      tell();
    },

    cancel() {
      const waiting = waiters;
      waiters = [];
      for (const { reject } of waiting) reject(new ApiError("CANCELLED"));
      tell();
    },
  };
}

export const stepUp = createStepUp();

// Whoever leaves is asked nothing more.
session.subscribe(() => {
  if (session.getState().status === "anonymous" && stepUp.isAsked()) stepUp.cancel();
});

export const useStepUpAsked = () => useSyncExternalStore(stepUp.subscribe, stepUp.isAsked);

export const useProofAsked = () => useSyncExternalStore(stepUp.subscribe, stepUp.asked);
