import { Button, type ButtonProps, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { notify } from "./notify";

interface Props extends ButtonProps {
  text: string;
  label: string;
  /** The label in more words, where the page has several. */
  "aria-label"?: string;
  onCopied?: () => void;
}

/** Copies a text and says so, on the button and to screen readers. */
export function CopyButton({ text, label, onCopied, ...props }: Props) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      onCopied?.();
      setTimeout(() => setCopied(false), 2500);
    } catch {
      // Without a secure context, or when the browser refuses.
      notify.failed(t("copy.failed"));
    }
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        onClick={() => void copy()}
        {...props}
      >
        {copied ? t("copy.done") : label}
      </Button>
      <VisuallyHidden role="status">{copied && t("copy.done")}</VisuallyHidden>
    </>
  );
}
