import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "./Section";

interface Props {
  id?: string;
  title: string;
  lead: string;
  /** Whether the person may add at all. */
  addable: boolean;
  /** Why nothing can be added now; said in place of the lead and by the button. */
  blocked?: string;
  onAdd: () => void;
  children: ReactNode;
}

/** A block that takes new things. Its button "Novo" says why it is disabled. */
export function AddableSection({ id, title, lead, addable, blocked, onAdd, children }: Props) {
  const { t } = useTranslation();
  const reason = useId();
  return (
    <Section
      id={id}
      title={title}
      description={blocked ? <span id={reason}>{blocked}</span> : lead}
      actions={
        addable && (
          <Button
            leftSection={<IconPlus size={18} />}
            disabled={Boolean(blocked)}
            aria-describedby={blocked ? reason : undefined}
            onClick={onAdd}
          >
            {t("action.new")}
          </Button>
        )
      }
    >
      {children}
    </Section>
  );
}
