import { Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "./CodeBlock";
import { CopyButton } from "./CopyButton";
import { ShareLinks } from "./ShareLinks";

interface Props {
  /** What the block is called, such as "Mensagem para o lojista". */
  title: string;
  subject: string;
  text: string;
}

/** A message that is ready to be sent, folded until it is wanted. */
export function ReadyMessage({ title, subject, text }: Props) {
  const { t } = useTranslation();
  return (
    <details className="no-print">
      <summary>{title}</summary>
      <CodeBlock label={title} text={text} />
      <Group gap="xs" mt="xs">
        <CopyButton text={text} label={t("share.copy")} size="xs" />
        <ShareLinks text={text} subject={subject} size="xs" />
      </Group>
    </details>
  );
}
