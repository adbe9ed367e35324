import { notifications } from "@mantine/notifications";
import i18n from "@/i18n";

const show = (color: string) => (message: string, title?: string) =>
  notifications.show({ color, title, message, closeButtonProps: { "aria-label": i18n.t("action.close") } });

/** A notice that passes by itself; screen readers say it. */
export const notify = { done: show("green"), failed: show("red") };
