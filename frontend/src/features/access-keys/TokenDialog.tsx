import { Alert, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { useConfirm } from "@/components/confirm";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { curlRequest, integrationQuery } from "./firstRequest";

/** A key that was just made. The token is null when a repeated request could not tell it again. */
export interface IssuedKey {
  accessKey: AccessKeyFieldsFragment;
  token: string | null;
}

interface Props {
  issued: IssuedKey | undefined;
  onClose: () => void;
}

/** Shows a new key, this once: to copy, to download, and in a request that is ready to be sent. */
export function TokenDialog({ issued, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened={issued !== undefined} onClose={() => undefined} size="xl" padding="lg" closeOnEscape={false}>
      <Modal.Overlay backgroundOpacity={0.55} blur={2} />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title fw={650} fz="1.15rem">
            {t("token.title")}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>{issued && <Body key={issued.accessKey.id} issued={issued} onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Body({ issued: { accessKey, token }, onClose }: { issued: IssuedKey; onClose: () => void }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const [kept, setKept] = useState(false);
  if (token === null) {
    return (
      <Stack gap="md">
        <Alert color="yellow" icon={<IconAlertTriangle />}>
          {t("token.lost")}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t("action.close")}</Button>
        </Group>
      </Stack>
    );
  }
  const portal = window.location.origin;
  const curl = curlRequest(portal, token);

  const download = () => {
    const text = [
      `${t("token.fileTitle")}: ${accessKey.name}`,
      `${t("token.portal")}: ${portal}/graphql`,
      `${t("token.key")}: ${token}`,
      "",
      integrationQuery,
      "",
      curl,
      "",
    ].join("\r\n");
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${accessKey.visiblePart}.txt`;
    link.click();
    URL.revokeObjectURL(url);
    setKept(true);
  };
  const close = async () => {
    const agreed =
      kept ||
      (await confirm({
        title: t("token.leaveTitle"),
        body: t("token.leaveBody"),
        confirm: t("token.leave"),
        destroys: true,
      }));
    if (agreed) onClose();
  };

  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconAlertTriangle />} title={t("token.onceTitle")}>
        {t("token.onceBody")}
      </Alert>
      <div>
        <Text fw={600} size="sm" mb={6}>
          {t("token.key")}
        </Text>
        <CodeBlock label={t("token.key")} text={token} />
        <Group gap="sm" mt="sm">
          <CopyButton text={token} label={t("token.copyKey")} variant="filled" onCopied={() => setKept(true)} />
          <Button variant="default" leftSection={<IconDownload size={16} />} onClick={download}>
            {t("token.download")}
          </Button>
        </Group>
      </div>
      <div>
        <Title order={3} fz="md" mb={4}>
          {t("token.requestTitle")}
        </Title>
        <Text size="sm" c="dimmed" mb={6}>
          {t("token.requestBody")}
        </Text>
        <CodeBlock label={t("token.curl")} text={curl} />
        <Group gap="sm" mt="sm">
          <CopyButton text={curl} label={t("token.copyCurl")} size="xs" />
          <CopyButton text={integrationQuery} label={t("token.copyQuery")} size="xs" />
        </Group>
      </div>
      <details>
        <summary>{t("token.query")}</summary>
        <CodeBlock label={t("token.query")} text={integrationQuery} />
      </details>
      <Group justify="flex-end">
        <Button variant={kept ? "filled" : "default"} onClick={() => void close()}>
          {t("token.done")}
        </Button>
      </Group>
    </Stack>
  );
}
