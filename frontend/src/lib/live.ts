import { useSyncExternalStore } from "react";
import { graphql } from "@/gql";
import type { ChangesSubscription } from "@/gql/graphql";
import { isIdle, onActivity } from "./activity";
import { type createSession, session } from "./session";
import { type Follow, follow } from "./subscription";
import { isUnauthenticated } from "./transport";

const Changes = graphql(`
  subscription Changes {
    changes { topic clientId clientProductId objectId }
  }
`);

export type Change = ChangesSubscription["changes"];

const firstWaitMs = 500;
const longestWaitMs = 30_000;
/** A stream that lasted this long was a good one: the next failure is the first again. */
const steadyMs = 10_000;
/** Streams are few for an operator, and connections for a browser: a tab that nobody looks at gives its own back. */
const hiddenMs = 60_000;

const everything: Change = { topic: "RESYNC", clientId: null, clientProductId: null, objectId: null };

/**
 * Hears of what changes in the portal, over one stream that is begun again whenever it ends. After each gap it tells
 * RESYNC, as nobody knows what was missed. There is no stream while nobody looks at the page or touches it: a page left
 * open must not keep its session alive.
 */
export function createLive(
  open: Follow,
  owner: Pick<ReturnType<typeof createSession>, "accessToken" | "replace">,
  random = Math.random,
) {
  const listeners = new Set<(change: Change) => void>();
  const watchers = new Set<() => void>();
  let connected = false;

  function tell(change: Change) {
    for (const listener of listeners) listener(change);
  }

  function setConnected(value: boolean) {
    if (connected === value) return;
    connected = value;
    for (const watcher of watchers) watcher();
  }

  /** One stream, to its end. */
  async function listen(ended: AbortSignal, afterGap: boolean) {
    const hidden = hiddenFor(hiddenMs);
    let token: string | null = null;
    try {
      token = await owner.accessToken();
      const signal = AbortSignal.any([ended, hidden.signal]);
      const onOpen = () => {
        setConnected(true);
        if (afterGap) tell(everything);
      };
      for await (const { changes } of open(Changes, {}, { token, signal, onOpen })) {
        if (isIdle()) return; // reading again what changed would use the session
        tell(changes);
      }
    } catch (error) {
      // The rest passes by itself, or the next request shows it.
      if (isUnauthenticated(error)) await owner.replace(token).catch(() => undefined);
    } finally {
      hidden.stop();
      setConnected(false);
    }
  }

  async function run(ended: AbortSignal) {
    let afterGap = false;
    let failures = 0;
    while (!ended.aborted) {
      if (!isWanted()) {
        await untilWanted(ended);
        afterGap = true;
        continue;
      }
      const begun = Date.now();
      await listen(ended, afterGap);
      afterGap = true;
      failures = Date.now() - begun > steadyMs ? 0 : failures + 1;
      // Half of the wait is chance, so that after a fault of the server not all pages come back at once.
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
      await pause((wait * (1 + random())) / 2, ended);
    }
  }

  return {
    /** Begins to listen; the answer ends it. */
    start(): () => void {
      const end = new AbortController();
      void run(end.signal);
      return () => end.abort();
    },

    /** Tells of each change, until the answer is called. */
    subscribe(listener: (change: Change) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    isConnected: () => connected,
    onConnected(watcher: () => void): () => void {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

const isWanted = () => !document.hidden && !isIdle();

function untilWanted(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!ended.aborted && !isWanted()) return;
      document.removeEventListener("visibilitychange", look);
      ended.removeEventListener("abort", look);
      stopActivity();
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    ended.addEventListener("abort", look);
    const stopActivity = onActivity(look);
  });
}

/** A signal that comes when the page was hidden for a while. */
function hiddenFor(ms: number) {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => controller.abort(), ms);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return {
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    },
  };
}

/** Waits; a network that comes back, and the end, cut it short. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      ended.removeEventListener("abort", go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    window.addEventListener("online", go);
    ended.addEventListener("abort", go);
    if (ended.aborted) go();
  });
}

export const live = createLive(follow, session);

/** Whether changes are being told: without a stream the page must ask by itself. */
export const useLiveConnected = () => useSyncExternalStore(live.onConnected, live.isConnected);
