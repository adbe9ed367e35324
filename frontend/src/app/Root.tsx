import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { later } from "@/components/later";
import { useSession } from "@/lib/session";

const Dialogs = later(() => import("./Dialogs").then((module) => module.Dialogs));

/** The pages of whoever is not logged in. */
const beforeLogin = new Set(["/login", "/setup", "/senha"]);

/** Around every page: dialogs, notices, and what follows when the session changes. */
export function Root() {
  const { status } = useSession();
  const router = useRouter();
  const queryClient = useQueryClient();
  const loggedIn = useRef(false);
  useEffect(() => {
    if (status === "active") loggedIn.current = true;
    if (status !== "anonymous") return;
    const ended = loggedIn.current;
    loggedIn.current = false;
    // After a log-out, here or in another tab, nothing that was read stays. What is read before a log-in does.
    const forget = () => ended && queryClient.clear();
    if (beforeLogin.has(router.state.location.pathname)) forget();
    // Not before the page is left: one that is drawn once more would ask for what it finds missing.
    else void router.navigate({ to: "/login", ignoreBlocker: true }).finally(forget);
  }, [status, router, queryClient]);
  return (
    <>
      <Outlet />
      <Dialogs />
    </>
  );
}
