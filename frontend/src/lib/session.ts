import { useSyncExternalStore } from "react";
import { graphql } from "@/gql";
import type { OperatorRole, SessionFieldsFragment } from "@/gql/graphql";
import { isIdle } from "./activity";
import { ApiError, isUnauthenticated, type Send, send } from "./transport";

graphql(`
  fragment SessionFields on SessionPayload {
    accessToken
    expiresAt
    operator { id name email role }
    userErrors { ...UserErrorFields }
  }
`);

const RefreshSession = graphql(`
  mutation RefreshSession {
    refreshSession { ...SessionFields }
  }
`);

const Logout = graphql(`
  mutation Logout {
    logout { userErrors { ...UserErrorFields } }
  }
`);

export interface Viewer {
  id: string;
  name: string;
  email: string;
  role: OperatorRole;
}

/**
 * `starting`: the page has not asked yet. `anonymous`: nobody is logged in. `active`: somebody is.
 * `expired`: the server has ended the session; the page stays and asks to log in again.
 */
export interface SessionState {
  status: "starting" | "anonymous" | "active" | "expired";
  viewer?: Viewer;
  /** The portal demands a second factor that the viewer has yet to set up: nothing else can be done. */
  secondFactorDue?: boolean;
}

/** Tells this browser's tabs that a session exists, so that a first visit asks for none. It is no secret. */
const hintKey = "chaveiro.session";
/** What outlives a log-out: the choices of language, colours and keys, which are the browser's and not the session's. */
const keptKeys = ["chaveiro.language", "chaveiro.colors", "chaveiro.shortcuts"];
const lockName = "chaveiro.refresh";
const renewBeforeMs = 45_000;
const expiringMs = 5_000;
const minimumRenewalMs = 30_000;

/**
 * Keeps the access token in memory and renews it with the refresh cookie: once at a time in this tab,
 * and one tab at a time, because each use replaces the cookie.
 */
export function createSession(transport: Send) {
  let state: SessionState = { status: "starting" };
  let token: string | null = null;
  let expiresAt = 0;
  let refreshing: Promise<boolean> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiters: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const listeners = new Set<() => void>();

  function set(next: SessionState) {
    state = next;
    for (const listener of listeners) listener();
  }

  function forget(status: "anonymous" | "expired") {
    token = null;
    clearTimeout(timer);
    set(status === "expired" ? { ...state, status } : { status });
    if (status === "anonymous") {
      for (const waiter of waiters) waiter.reject(new ApiError("UNAUTHENTICATED"));
      waiters = [];
    }
  }

  /** Takes over the answer of a log-in, a set-up or a renewal. */
  function establish(payload: SessionFieldsFragment): boolean {
    const { accessToken, operator } = payload;
    if (!accessToken || !operator) return false;
    if (state.viewer && state.viewer.id !== operator.id) {
      // Somebody else logged in: nothing on this page is theirs, and no waiting request may be sent in their name.
      forget("anonymous");
      window.location.assign("/");
    }
    const lifetime = Math.max(Date.parse(payload.expiresAt ?? "") - Date.now() || 0, minimumRenewalMs + renewBeforeMs);
    token = accessToken;
    expiresAt = Date.now() + lifetime;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A failure here is met again, and shown, by the next request.
      if (!isIdle()) refresh().catch(() => undefined);
    }, lifetime - renewBeforeMs);
    set({ status: "active", viewer: operator, secondFactorDue: state.secondFactorDue });
    const waiting = waiters;
    waiters = [];
    for (const waiter of waiting) waiter.resolve();
    return true;
  }

  async function exchangeCookie(): Promise<boolean> {
    try {
      const { refreshSession } = await transport(RefreshSession, {}, { cookies: true });
      if (establish(refreshSession)) return true;
    } catch (error) {
      if (!isUnauthenticated(error)) throw error;
    }
    forget(state.status === "active" || state.status === "expired" ? "expired" : "anonymous");
    return false;
  }

  /** True: there is a new token. False: the session has ended. Fails when the server cannot be asked. */
  function refresh(): Promise<boolean> {
    refreshing ??= withLock(exchangeCookie).finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  function untilActive(): Promise<void> {
    return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
  }

  return {
    getState: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /** Finds out at page load whether somebody is logged in. Fails when the server cannot be asked. */
    async start() {
      if (state.status !== "starting") return;
      const hinted = readHint();
      if ((hinted || endsInstall()) && (await refresh())) {
        if (!hinted) writeHint(true);
        return;
      }
      writeHint(false);
      forget("anonymous");
    },

    establish(payload: SessionFieldsFragment): boolean {
      const done = establish(payload);
      if (done) writeHint(true);
      return done;
    },

    refresh,

    demandSecondFactor() {
      if (!state.secondFactorDue) set({ ...state, secondFactorDue: true });
    },

    /** The second factor is there: the rest of the portal opens. */
    secondFactorDone() {
      if (state.secondFactorDue) set({ ...state, secondFactorDue: false });
    },

    /** A token that is still good for a request; null when nobody is logged in. Waits while the person logs in again. */
    async accessToken(): Promise<string | null> {
      if (state.status === "expired") await untilActive();
      if (token && expiresAt - Date.now() < expiringMs && !(await refresh())) await untilActive();
      return token;
    },

    /** Replaces a token that the server refused; waits for the person when the session has ended. */
    async replace(refused: string | null) {
      if (refused === null) throw new ApiError("UNAUTHENTICATED");
      if (token === refused && !(await refresh())) await untilActive();
    },

    /** Logs out. The page forgets the session even when the server cannot be asked. */
    async end() {
      const kept = keptKeys.map((key) => [key, localStorage.getItem(key)] as const);
      writeHint(false);
      try {
        await transport(Logout, {}, { cookies: true });
      } finally {
        // The answer clears the storage of the portal's origin, which need not be where this page is.
        localStorage.clear();
        sessionStorage.clear();
        for (const [key, value] of kept) if (value !== null) localStorage.setItem(key, value);
        forget("anonymous");
      }
    },

    /** Follows log-ins and log-outs of the other tabs. */
    followOtherTabs() {
      window.addEventListener("storage", (event) => {
        if (event.key !== hintKey) return;
        if (event.newValue === null) forget("anonymous");
        else if (state.status !== "active") refresh().catch(() => undefined);
      });
    },
  };
}

function withLock<T>(work: () => Promise<T>): Promise<T> {
  // Only a secure context has locks; elsewhere the server's grace for two tabs must do.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks ? (locks.request(lockName, work) as Promise<T>) : work();
}

function readHint(): boolean {
  return localStorage.getItem(hintKey) !== null;
}

/** An install ends at the portal, whose origin knows nothing of who began it on a page that is hosted elsewhere. */
function endsInstall(): boolean {
  return new URLSearchParams(window.location.search).has("install");
}

function writeHint(exists: boolean) {
  if (exists) localStorage.setItem(hintKey, String(Date.now()));
  else localStorage.removeItem(hintKey);
}

export const session = createSession(send);

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** What the person may do: the page shows no button for anything else. The server decides. */
export function useAbilities() {
  const role = useSession().viewer?.role;
  return { write: role === "ADMIN" || role === "OPERATOR", administer: role === "ADMIN" };
}
