import { Button, Group, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { LostDialog, OnceDialog } from "@/components/OnceDialog";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { portalOrigin } from "@/lib/portal";
import { plainText, saveFile } from "@/lib/saveFile";
import { firstRequest, integrationQuery } from "./firstRequest";

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
  const token = issued?.token;
  return (
    <>
      <LostDialog opened={token === null} onClose={onClose} title={t("token.title")} body={t("token.lost")} />
      <OnceDialog
        opened={Boolean(token)}
        onClose={onClose}
        title={t("token.title")}
        warningTitle={t("token.onceTitle")}
        warning={t("token.onceBody")}
        done={t("token.done")}
        leaveTitle={t("token.leaveTitle")}
        leave={t("token.leaveBody")}
      >
        {(keep) => issued && token && <Key accessKey={issued.accessKey} token={token} keep={keep} />}
      </OnceDialog>
    </>
  );
}

interface KeyProps {
  accessKey: AccessKeyFieldsFragment;
  token: string;
  keep: () => void;
}

function Key({ accessKey, token, keep }: KeyProps) {
  const { t } = useTranslation();
  const portal = portalOrigin();
  const curl = firstRequest(portal, token);

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
    saveFile(`${accessKey.visiblePart}.txt`, text, plainText);
    keep();
  };

  return (
    <>
      <div>
        <Text fw={600} size="sm" mb={6}>
          {t("token.key")}
        </Text>
        <CodeBlock label={t("token.key")} text={token} />
        <Group gap="sm" mt="sm">
          <CopyButton text={token} label={t("token.copyKey")} variant="filled" onCopied={keep} />
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
    </>
  );
}
