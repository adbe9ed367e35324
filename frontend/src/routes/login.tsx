import { Paper, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Brand } from "@/components/Brand";
import { useDocumentTitle } from "@/components/PageHeader";
import { Preferences } from "@/components/Preferences";
import { LoginForm } from "@/features/session/LoginForm";

const route = getRouteApi("/login");

export function LoginPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const { next = "/" } = route.useSearch();
  useDocumentTitle(t("session.title"));
  return (
    <main className="center-page" id="main">
      <Stack w="100%" maw={400} gap="lg">
        <Brand size="xl" />
        <Paper withBorder p="lg" shadow="sm">
          <Stack gap="md">
            <div>
              <Title order={1}>{t("session.title")}</Title>
              <Text size="sm" c="dimmed" mt={4}>
                {t("session.lead")}
              </Text>
            </div>
            <LoginForm
              onDone={() => {
                // The API page is a document of its own.
                if (next.startsWith("/graphiql")) window.location.assign(next);
                else router.history.push(next);
              }}
            />
          </Stack>
        </Paper>
        <Preferences />
      </Stack>
    </main>
  );
}
