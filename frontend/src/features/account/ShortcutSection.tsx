import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/Section";
import { useShortcutChoice } from "@/lib/shortcuts";

/** Turns off the shortcuts of one key, for who speaks to the computer or has a screen reader (WCAG 2.1.4). */
export function ShortcutSection() {
  const { t } = useTranslation();
  const [on, turn] = useShortcutChoice();
  return (
    <Section title={t("shortcuts.choice")}>
      <Switch
        label={t("shortcuts.choiceLabel")}
        description={t("shortcuts.choiceHelp")}
        checked={on}
        onChange={(event) => turn(event.currentTarget.checked)}
      />
    </Section>
  );
}
