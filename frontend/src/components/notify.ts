import { notifications } from "@mantine/notifications";
import i18n from "@/i18n";

interface Options {
  title?: string;
  /** Stays until it is closed: what must not be missed. */
  stays?: boolean;
  /** Shown once, however often it is asked for. */
  id?: string;
}

const show =
  (color: string) =>
  (message: string, { title, stays, id }: Options = {}) =>
    notifications.show({
      id,
      color,
      title,
      message,
      autoClose: stays ? false : undefined,
      closeButtonProps: { "aria-label": i18n.t("action.close") },
    });

/** A notice that passes by itself; screen readers say it. */
export const notify = { done: show("green"), failed: show("red") };
