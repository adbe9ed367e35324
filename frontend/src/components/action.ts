import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserError } from "@/lib/userErrors";
import { describeError } from "./ErrorAlert";

/** A change that needs no form, such as archiving: says how it ended, and reads the page's data again. */
export function useAction() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [pending, setPending] = useState(false);

  const run = async (send: () => Promise<{ userErrors: readonly UserError[] }>, done: string): Promise<boolean> => {
    setPending(true);
    try {
      const { userErrors } = await send();
      if (userErrors.length > 0) {
        notifications.show({ color: "red", message: userErrors.map((error) => error.message).join(" ") });
        return false;
      }
      notifications.show({ color: "green", message: done });
      return true;
    } catch (error) {
      notifications.show({ color: "red", title: t("error.title"), message: describeError(t, error) });
      return false;
    } finally {
      setPending(false);
      void queryClient.invalidateQueries();
    }
  };
  return { run, pending };
}
