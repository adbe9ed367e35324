import { Alert, Text } from "@mantine/core";
import { IconMailQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { TimeText } from "@/components/TimeText";

/** The provider may have given new credentials in a form that nobody knows: only who runs the server can look. */
export function UnreadAnswer({ until }: { until: string }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" role="note" icon={<IconMailQuestion />} title={t("unread.title")}>
      <Text size="sm">
        {t("unread.kept")} <TimeText value={until} as="minute" />. {t("unread.ask")}
      </Text>
    </Alert>
  );
}
