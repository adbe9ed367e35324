import { Kbd, Modal, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useShortcutChoice } from "@/lib/shortcuts";

interface Line {
  keys: readonly string[];
  text: string;
}

/** All keys, by where they work. */
export function ShortcutsHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("shortcuts.title")}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Keys />
    </Modal>
  );
}

function Keys() {
  const { t } = useTranslation();
  const [on] = useShortcutChoice();
  const groups: { title: string; lines: Line[] }[] = [
    {
      title: t("shortcuts.everywhere"),
      lines: [
        { keys: ["Ctrl", "K"], text: t("shortcuts.find") },
        { keys: ["?"], text: t("shortcuts.help") },
      ],
    },
    {
      title: t("shortcuts.lists"),
      lines: [
        { keys: ["/"], text: t("shortcuts.search") },
        { keys: ["↓"], text: t("shortcuts.intoRows") },
        { keys: ["j"], text: t("shortcuts.nextRow") },
        { keys: ["k"], text: t("shortcuts.previousRow") },
        { keys: ["Enter"], text: t("shortcuts.open") },
        { keys: ["n"], text: t("shortcuts.nextPage") },
        { keys: ["p"], text: t("shortcuts.previousPage") },
      ],
    },
  ];
  return (
    <Stack gap="md">
      {groups.map(({ title, lines }) => (
        <section key={title} aria-label={title}>
          <Title order={3} fz="md" mb="xs">
            {title}
          </Title>
          <dl className="shortcuts">
            {lines.map(({ keys, text }) => (
              <div key={text}>
                <dt>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <Text size="sm" c="dimmed">
        {t(on ? "shortcuts.whenOn" : "shortcuts.whenOff")}
      </Text>
    </Stack>
  );
}
