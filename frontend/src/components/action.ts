import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isCancelled } from "@/lib/transport";
import type { UserError } from "@/lib/userErrors";
import { describeError } from "./ErrorAlert";
import { notify } from "./notify";

/**
 * A change that needs no form, such as archiving: says how it ended, and reads the page's data again. Without a sentence
 * for it, the page itself shows that it is done.
 */
export function useAction() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [pending, setPending] = useState(false);

  const run = async (send: () => Promise<{ userErrors: readonly UserError[] }>, done?: string): Promise<boolean> => {
    setPending(true);
    try {
      const { userErrors } = await send();
      if (userErrors.length > 0) {
        notify.failed(userErrors.map((error) => error.message).join(" "));
        return false;
      }
      if (done) notify.done(done);
      return true;
    } catch (error) {
      if (!isCancelled(error)) notify.failed(describeError(t, error), { title: t("error.title") });
      return false;
    } finally {
      setPending(false);
      void queryClient.invalidateQueries();
    }
  };
  return { run, pending };
}
