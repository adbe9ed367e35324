import { useEffect, useState } from "react";

const secondsUntil = (instant = 0) => Math.max(0, Math.ceil((instant - Date.now()) / 1000));

/** Counts down, second by second, to an instant of the clock in milliseconds; 0 when there is none. */
export function useSecondsUntil(instant: number | undefined): number {
  const [left, setLeft] = useState(() => secondsUntil(instant));
  useEffect(() => {
    setLeft(secondsUntil(instant));
    if (secondsUntil(instant) === 0) return;
    const timer = setInterval(() => {
      setLeft(secondsUntil(instant));
      if (secondsUntil(instant) === 0) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [instant]);
  return left;
}
