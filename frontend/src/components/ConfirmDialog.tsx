import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Question, useQuestion } from "./confirm";

/** Asks what `confirm` is called with. */
export function ConfirmDialog() {
  const { t } = useTranslation();
  const asked = useQuestion();
  // It stays readable while the dialog fades away.
  const last = useRef<Question>(undefined);
  if (asked) last.current = asked;
  const { title, body, confirm, destroys } = last.current ?? {};
  return (
    <Modal
      opened={asked !== undefined}
      // Only after the key press: else a form dialog underneath would see itself on top and close as well.
      onClose={() => setTimeout(() => asked?.answer(false))}
      title={title}
      centered
      zIndex={400}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Stack gap="md">
        {typeof body === "string" ? <Text size="sm">{body}</Text> : body}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={() => asked?.answer(false)}>
            {t("action.cancel")}
          </Button>
          <Button color={destroys ? "red" : undefined} onClick={() => asked?.answer(true)}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
