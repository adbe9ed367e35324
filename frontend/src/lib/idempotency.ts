import { useRef } from "react";

/**
 * Gives the idempotency key for an input: the same one while the input is the same, so that pressing the
 * button again after a lost answer makes nothing twice.
 */
export function useIdempotencyKey() {
  const last = useRef({ input: "", key: "" });
  return (input: object) => {
    const text = JSON.stringify(input);
    if (last.current.input !== text || !last.current.key) {
      last.current = { input: text, key: crypto.getRandomValues(new Uint32Array(4)).join("-") };
    }
    return last.current.key;
  };
}
