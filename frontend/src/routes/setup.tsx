import { Paper, Stack, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Brand } from "@/components/Brand";
import { useDocumentTitle } from "@/components/PageHeader";
import { Preferences } from "@/components/Preferences";
import { SetupForm } from "@/features/session/SetupForm";

export function SetupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useDocumentTitle(t("setup.title"));
  return (
    <main className="center-page" id="main">
      <Stack w="100%" maw={460} gap="lg">
        <Brand size="xl" />
        <Paper withBorder p="lg" shadow="sm">
          <Stack gap="md">
            <div>
              <Title order={1}>{t("setup.title")}</Title>
              <Text size="sm" c="dimmed" mt={4}>
                {t("setup.lead")}
              </Text>
            </div>
            <SetupForm onDone={() => void navigate({ to: "/" })} />
          </Stack>
        </Paper>
        <Preferences />
      </Stack>
    </main>
  );
}
