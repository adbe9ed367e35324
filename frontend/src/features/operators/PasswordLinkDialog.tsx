import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { OnceDialog } from "@/components/OnceDialog";
import { TimeText } from "@/components/TimeText";

/** A link for setting a password that was just made. */
export interface IssuedLink {
  name: string;
  link: string;
  expiresAt: string;
}

interface Props {
  issued: IssuedLink | undefined;
  onClose: () => void;
}

/** Shows the link, this once: to be sent to the operator. */
export function PasswordLinkDialog({ issued, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <OnceDialog
      opened={issued !== undefined}
      onClose={onClose}
      title={t("operator.link.title", { name: issued?.name })}
      warningTitle={t("operator.link.onceTitle")}
      warning={t("operator.link.onceBody")}
      done={t("operator.link.done")}
      leaveTitle={t("operator.link.leaveTitle")}
      leave={t("operator.link.leaveBody")}
    >
      {(keep) =>
        issued && (
          <div>
            <CodeBlock label={t("operator.link.label")} text={issued.link} />
            <Group gap="sm" mt="sm">
              <CopyButton text={issued.link} label={t("operator.link.copy")} variant="filled" onCopied={keep} />
              <Text size="sm" c="dimmed">
                {t("operator.link.until")} <TimeText value={issued.expiresAt} as="minute" />
              </Text>
            </Group>
          </div>
        )
      }
    </OnceDialog>
  );
}
