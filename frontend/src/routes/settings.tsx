import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Forbidden } from "@/components/Forbidden";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { IncidentHistory } from "@/features/marketplace/incidents/IncidentHistory";
import { ProviderSettings } from "@/features/marketplace/settings/api";
import { ProviderSettingsSection } from "@/features/marketplace/settings/ProviderSettingsSection";
import { useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";

/** What holds for the whole installation, provider by provider. For administrators. */
export function SettingsPage() {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  return (
    <>
      <PageHeader title={t("settings.title")} lead={<Text c="dimmed">{t("settings.lead")}</Text>} />
      {administer ? <Providers /> : <Forbidden />}
    </>
  );
}

function Providers() {
  const settings = useApi(ProviderSettings, {});
  return (
    <QueryView query={settings}>
      {({ providers }) => (
        <Stack gap="lg">
          {providers.map((status) => (
            <ProviderSettingsSection key={status.provider} status={status} />
          ))}
          <IncidentHistory />
        </Stack>
      )}
    </QueryView>
  );
}
