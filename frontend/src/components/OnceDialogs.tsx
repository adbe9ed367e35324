import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConfirm } from "./confirm";

interface Words {
  title: string;
  /** That it is shown this once, and what to do with it. */
  warningTitle: string;
  warning: string;
  /** The button that closes. */
  done: string;
  /** Asked when nothing was done to keep it. */
  leaveTitle: string;
  leave: string;
}

export interface OnceDialogProps extends Words {
  opened: boolean;
  onClose: () => void;
  /** What is shown. It calls `keep` when the person has copied, downloaded or printed it. */
  children: (keep: () => void) => ReactNode;
}

/** Shows a secret, this once: does not close by mistake, and asks before it closes when the secret was not kept. */
export function OnceDialog({ opened, onClose, title, children, ...words }: OnceDialogProps) {
  return (
    <Modal.Root opened={opened} onClose={() => undefined} size="xl" padding="lg" closeOnEscape={false}>
      <Modal.Overlay backgroundOpacity={0.55} blur={2} />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title fw={650} fz="1.15rem">
            {title}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          {opened && (
            <Body onClose={onClose} {...words}>
              {children}
            </Body>
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Body({
  warningTitle,
  warning,
  done,
  leaveTitle,
  leave,
  onClose,
  children,
}: Omit<OnceDialogProps, "opened" | "title">) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const [kept, setKept] = useState(false);
  const close = async () => {
    const agreed =
      kept || (await confirm({ title: leaveTitle, body: leave, confirm: t("once.leave"), destroys: true }));
    if (agreed) onClose();
  };
  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconAlertTriangle />} title={warningTitle}>
        {warning}
      </Alert>
      {children(() => setKept(true))}
      <Group justify="flex-end">
        <Button variant={kept ? "filled" : "default"} onClick={() => void close()}>
          {done}
        </Button>
      </Group>
    </Stack>
  );
}

export interface LostDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  body: string;
}

/** The same dialog where the secret cannot be told again, because the first answer was lost. */
export function LostDialog({ opened, onClose, title, body }: LostDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size="xl"
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Stack gap="md">
        <Alert color="yellow" icon={<IconAlertTriangle />}>
          {body}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t("action.close")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
