import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** How an install in this browser ended, as the server's redirect says it in the address. */
const results = ["done", "wrong-shop", "running", "taken", "other", "expired", "refused", "failed"] as const;
export type InstallResult = (typeof results)[number];

/** The part of an address that tells of an install; what is not known is dropped. */
export const installSearch = (raw: Record<string, unknown>): { install?: InstallResult; owner?: string } => ({
  install: results.find((result) => result === raw.install),
  owner: typeof raw.owner === "string" && /^cli_\w+$/.test(raw.owner) ? raw.owner : undefined,
});

/** Says once how an install ended, and takes it out of the address: a reload is no second install. */
export function useInstallNotice({ install: result, owner }: ReturnType<typeof installSearch>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useEffect(() => {
    if (!result) return;
    void import("./sayEnd").then(({ sayEnd }) => sayEnd(t, result, owner));
    void navigate({ to: ".", search: {}, replace: true });
  }, [result, owner, t, navigate]);
}
