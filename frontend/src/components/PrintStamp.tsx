import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/lib/format";
import { organization } from "@/lib/organization";
import { portalOrigin } from "@/lib/portal";
import { useSession } from "@/lib/session";

/** On paper alone: when it was printed, by whom, and whose portal it is from. */
export function PrintStamp() {
  const { t, i18n } = useTranslation();
  const { viewer } = useSession();
  const [now, setNow] = useState(() => new Date().toISOString());
  useEffect(() => {
    // The page may have stood open for hours; the browser takes its picture when this returns.
    const stamp = () => flushSync(() => setNow(new Date().toISOString()));
    window.addEventListener("beforeprint", stamp);
    return () => window.removeEventListener("beforeprint", stamp);
  }, []);
  const printed = t("print.stamp", { when: formatDateTime(now, i18n.language), who: viewer?.name ?? "" });
  return (
    <p className="print-only print-stamp">{[organization(), printed, portalOrigin()].filter(Boolean).join(" · ")}</p>
  );
}
