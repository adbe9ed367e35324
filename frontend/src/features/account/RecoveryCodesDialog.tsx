import { Button, Group } from "@mantine/core";
import { IconDownload, IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/CopyButton";
import { OnceDialog } from "@/components/OnceDialog";
import { PrintStamp } from "@/components/PrintStamp";
import { plainText, saveFile } from "@/lib/saveFile";
import { useSession } from "@/lib/session";

interface Props {
  codes: readonly string[] | undefined;
  onClose: () => void;
}

/** Shows new recovery codes, this once: to copy, to download, to print. */
export function RecoveryCodesDialog({ codes = [], onClose }: Props) {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const heading = `${t("recoveryCodes.title")}: ${viewer?.email ?? ""} (${window.location.origin})`;
  return (
    <OnceDialog
      opened={codes.length > 0}
      onClose={onClose}
      title={t("recoveryCodes.title")}
      warningTitle={t("recoveryCodes.onceTitle")}
      warning={t("recoveryCodes.onceBody")}
      done={t("recoveryCodes.done")}
      leaveTitle={t("recoveryCodes.leaveTitle")}
      leave={t("recoveryCodes.leaveBody")}
    >
      {(keep) => (
        <>
          <section className="print-sheet" aria-label={t("recoveryCodes.title")}>
            <p className="print-only">{heading}</p>
            <ol className="recovery-codes">
              {codes.map((code) => (
                <li key={code} className="mono">
                  {code}
                </li>
              ))}
            </ol>
            <PrintStamp />
          </section>
          <Group gap="sm">
            <CopyButton text={codes.join("\n")} label={t("recoveryCodes.copy")} variant="filled" onCopied={keep} />
            <Button
              variant="default"
              leftSection={<IconDownload size={16} />}
              onClick={() => {
                saveFile(t("recoveryCodes.file"), [heading, "", ...codes, ""].join("\r\n"), plainText);
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
        </>
      )}
    </OnceDialog>
  );
}
