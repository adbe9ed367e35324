import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Question {
  title: string;
  body: ReactNode;
  confirm: string;
  /** The button is red: what it does cannot be undone. */
  destroys?: boolean;
}

/** Asks before something is lost; answers false when the dialog is left in any other way. */
export function useConfirm() {
  const { t } = useTranslation();
  return ({ title, body, confirm, destroys }: Question) =>
    new Promise<boolean>((resolve) => {
      // Closed only after the key press: else a form dialog underneath would see itself on top and close as well.
      const onKeyDown = (event: KeyboardEvent) => {
        if (event.key === "Escape") setTimeout(() => modals.close(id));
      };
      const answer = (agreed: boolean) => {
        window.removeEventListener("keydown", onKeyDown, true);
        resolve(agreed);
      };
      window.addEventListener("keydown", onKeyDown, true);
      const id = modals.openConfirmModal({
        title,
        centered: true,
        zIndex: 400,
        closeOnEscape: false,
        children: typeof body === "string" ? <Text size="sm">{body}</Text> : body,
        labels: { confirm, cancel: t("action.cancel") },
        closeButtonProps: { "aria-label": t("action.close") },
        confirmProps: { color: destroys ? "red" : undefined },
        onConfirm: () => answer(true),
        onCancel: () => answer(false),
        onClose: () => answer(false),
      });
    });
}

export function useConfirmDiscard() {
  const { t } = useTranslation();
  const confirm = useConfirm();
  return () =>
    confirm({ title: t("discard.title"), body: t("discard.body"), confirm: t("discard.confirm"), destroys: true });
}
