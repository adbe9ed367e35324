import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { notify } from "@/components/notify";

/** How an install in this browser ended, as the server's redirect says it in the address. */
const results = ["done", "taken", "other", "expired", "refused", "failed"] as const;
export type InstallResult = (typeof results)[number];

/** The part of an address that tells of an install; what is not known is dropped. */
export const installSearch = (raw: Record<string, unknown>): { install?: InstallResult } => ({
  install: results.find((result) => result === raw.install),
});

/** Says once how an install ended, and takes it out of the address: a reload is no second install. */
export function useInstallNotice(result: InstallResult | undefined) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useEffect(() => {
    if (!result) return;
    const show = result === "done" ? notify.done : notify.failed;
    show(t(`install.result.${result}`), {
      id: `install ${result}`,
      title: t(result === "done" ? "install.ended" : "install.notEnded"),
      stays: true,
    });
    void navigate({ to: ".", search: {}, replace: true });
  }, [result, t, navigate]);
}
