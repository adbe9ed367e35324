import { NativeSelect, Paper, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Due } from "@/features/due/api";
import { DueGroups } from "@/features/due/DueGroups";
import { dueSearch, usualDays, windows } from "@/features/due/search";
import { useApi } from "@/lib/graphql";

const route = getRouteApi("/app/vencimentos");
/** All that ends within a time, and what nobody uses. */
export function DuePage() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { days = usualDays } = route.useSearch();
  const due = useApi(Due, { withinDays: days }, { placeholderData: keepPreviousData });
  return (
    <>
      <PageHeader
        title={t("due.title")}
        lead={<Text c="dimmed">{t("due.pageLead")}</Text>}
        actions={
          <NativeSelect
            label={t("due.window")}
            value={days}
            onChange={(event) =>
              void navigate({ search: dueSearch({ days: event.currentTarget.value }), replace: true })
            }
            data={windows.map((count) => ({ value: String(count), label: t("due.days", { count }) }))}
          />
        }
      />
      <QueryView query={due}>
        {(data) => (
          <Paper withBorder p={{ base: "md", sm: "lg" }}>
            <DueGroups items={data.due} />
          </Paper>
        )}
      </QueryView>
    </>
  );
}
