import { Button, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { session, useSession } from "@/lib/session";
import { LogIn } from "./LogIn";

/** Over everything when the server has ended the session: what is on the page stays, and waiting requests go on afterwards. */
export function ReloginDialog() {
  const { t } = useTranslation();
  const { status, viewer } = useSession();
  return (
    <Modal
      opened={status === "expired"}
      onClose={() => undefined}
      title={t("session.endedTitle")}
      centered
      zIndex={500}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Stack gap="md">
        <Text size="sm">{t("session.endedBody")}</Text>
        <LogIn
          email={viewer?.email}
          onDone={() => undefined}
          other={
            <Button variant="default" onClick={() => void session.end().catch(() => undefined)}>
              {t("session.logout")}
            </Button>
          }
        />
      </Stack>
    </Modal>
  );
}
