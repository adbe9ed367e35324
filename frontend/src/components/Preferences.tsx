import { Group, NativeSelect, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { changeLanguage, type Language, languages } from "@/i18n";

const schemes = ["auto", "light", "dark"] as const;

/** The choices of language and colours, which the browser remembers. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  const queryClient = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="xs" grow className="no-print">
      <NativeSelect
        size="xs"
        aria-label={t("preferences.language")}
        value={i18n.language}
        onChange={(event) => {
          // The server's sentences come in the new language too.
          void changeLanguage(event.currentTarget.value as Language).then(() => queryClient.invalidateQueries());
        }}
        data={languages.map((language) => ({ value: language, label: t(`preferences.languages.${language}`) }))}
      />
      <NativeSelect
        size="xs"
        aria-label={t("preferences.colors")}
        value={colorScheme}
        onChange={(event) => setColorScheme(event.currentTarget.value as (typeof schemes)[number])}
        data={schemes.map((scheme) => ({ value: scheme, label: t(`preferences.schemes.${scheme}`) }))}
      />
    </Group>
  );
}
