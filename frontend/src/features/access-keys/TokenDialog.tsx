import { Button, Group, Text, Title } from "@mantine/core";
import { IconBrandWhatsapp, IconDownload, IconMail, IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { Fact } from "@/components/Fact";
import { notify } from "@/components/notify";
import { LostDialog, OnceDialog } from "@/components/OnceDialog";
import { PrintStamp } from "@/components/PrintStamp";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { portalOrigin } from "@/lib/portal";
import { plainText, saveFile } from "@/lib/saveFile";
import { firstRequest, integrationQuery } from "./firstRequest";
import {
  apiAddress,
  handOverFacts,
  handOverFile,
  handOverFileName,
  handOverGreeting,
  handOverMessage,
  type KeyClient,
} from "./handOver";

/** A key that was just made. The token is null when a repeated request could not tell it again. */
export interface IssuedKey {
  accessKey: AccessKeyFieldsFragment;
  token: string | null;
}

interface Props {
  issued: IssuedKey | undefined;
  client: KeyClient;
  onClose: () => void;
}

/** Shows a new key, this once, and whose it is: to copy, to download, to print, to send, and in a request that is ready. */
export function TokenDialog({ issued, client, onClose }: Props) {
  const { t } = useTranslation();
  const token = issued?.token;
  const title = t("token.title", { client: client.name });
  return (
    <>
      <LostDialog opened={token === null} onClose={onClose} title={title} body={t("token.lost")} />
      <OnceDialog
        opened={Boolean(token)}
        onClose={onClose}
        title={title}
        warningTitle={t("token.onceTitle")}
        warning={t("token.onceBody")}
        done={t("token.done")}
        leaveTitle={t("token.leaveTitle", { client: client.name })}
        leave={t("token.leaveBody")}
      >
        {(keep) => issued && token && <Key accessKey={issued.accessKey} client={client} token={token} keep={keep} />}
      </OnceDialog>
    </>
  );
}

interface KeyProps {
  accessKey: AccessKeyFieldsFragment;
  client: KeyClient;
  token: string;
  keep: () => void;
}

function Key({ accessKey, client, token, keep }: KeyProps) {
  const { t, i18n } = useTranslation();
  const portal = portalOrigin();
  const address = apiAddress(portal);
  const curl = firstRequest(portal, token);
  const words = { t, language: i18n.language };
  const handOver = { accessKey, client, token, portal };

  return (
    <>
      <dl className="facts">
        <Fact label={t("accessKey.client")}>{client.name}</Fact>
        <Fact label={client.documentKind ?? t("document.label")}>{client.documentFormatted}</Fact>
        <Fact label={t("accessKey.name")}>{accessKey.name}</Fact>
      </dl>
      <div>
        <Text fw={600} size="sm" mb={6}>
          {t("token.address")}
        </Text>
        <Group gap="sm" align="stretch">
          <div className="line-text">
            <CodeBlock label={t("token.address")} text={address} />
          </div>
          <CopyButton text={address} label={t("token.copyAddress")} />
        </Group>
      </div>
      <div>
        <Text fw={600} size="sm" mb={6}>
          {t("token.key")}
        </Text>
        <CodeBlock label={t("token.key")} text={token} />
        <Group gap="sm" mt="sm">
          <CopyButton text={token} label={t("token.copyKey")} variant="filled" onCopied={keep} />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => {
              saveFile(handOverFileName(handOver), handOverFile(words, handOver), plainText);
              keep();
            }}
          >
            {t("token.download")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPrinter size={16} />}
            onClick={() => {
              window.print();
              keep();
            }}
          >
            {t("action.print")}
          </Button>
        </Group>
      </div>
      <Message greeting={handOverGreeting(t, handOver)} message={handOverMessage(words, handOver)} keep={keep} />
      <details>
        <summary>{t("token.requestTitle")}</summary>
        <Text size="sm" c="dimmed" my={6}>
          {t("token.requestBody")}
        </Text>
        <CodeBlock label={t("token.curl")} text={curl} />
        <Group gap="sm" my="sm">
          <CopyButton text={curl} label={t("token.copyCurl")} size="xs" />
          <CopyButton text={integrationQuery} label={t("token.copyQuery")} size="xs" />
        </Group>
        <CodeBlock label={t("token.query")} text={integrationQuery} />
      </details>
      <section className="print-sheet print-only" aria-label={t("token.fileTitle")}>
        <h2>{t("token.fileTitle")}</h2>
        <dl className="print-facts">
          {handOverFacts(words, handOver).map(([label, value]) => (
            <Fact key={label} label={label}>
              <span className={value === token || value === address ? "mono" : undefined}>{value}</span>
            </Fact>
          ))}
        </dl>
        <p>{t("token.keepSecret")}</p>
        <PrintStamp />
      </section>
    </>
  );
}

interface MessageProps {
  greeting: string;
  message: string;
  keep: () => void;
}

/**
 * The message for who sets up the back-office. WhatsApp and the mail program are opened with its first line alone, as
 * their addresses stay in histories and logs, where no key belongs; the message itself is put in the clipboard.
 */
function Message({ greeting, message, keep }: MessageProps) {
  const { t } = useTranslation();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(message);
      notify.done(t("token.message.copied"));
      keep();
    } catch {
      notify.failed(t("copy.failed"));
    }
  };
  return (
    <section aria-label={t("token.message.title")}>
      <Title order={3} fz="md" mb={4}>
        {t("token.message.title")}
      </Title>
      <Text size="sm" c="dimmed" mb={6}>
        {t("token.message.help")}
      </Text>
      <CodeBlock label={t("token.message.label")} text={message} />
      <Group gap="sm" mt="sm">
        <CopyButton text={message} label={t("token.message.copy")} onCopied={keep} />
        <Button
          component="a"
          variant="default"
          leftSection={<IconBrandWhatsapp size={16} />}
          href={`https://wa.me/?text=${encodeURIComponent(greeting)}`}
          target="_blank"
          rel="noopener noreferrer"
          onClick={() => void copy()}
        >
          {t("token.message.whatsapp")}
        </Button>
        <Button
          component="a"
          variant="default"
          leftSection={<IconMail size={16} />}
          href={`mailto:?subject=${encodeURIComponent(greeting)}`}
          onClick={() => void copy()}
        >
          {t("token.message.email")}
        </Button>
      </Group>
    </section>
  );
}
