import { Button, NativeSelect, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPlugConnected, IconPrinter } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { AnchorLink } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { ClientMonth } from "@/features/history/api";
import { FactList } from "@/features/history/Facts";
import { HealthBar } from "@/features/history/HealthBar";
import { endsOf, formatMonth, monthOf, months } from "@/features/history/month";
import type { ClientMonthQuery } from "@/gql/graphql";
import { zone } from "@/lib/day";
import { formatDate, formatDateTime } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { organization } from "@/lib/organization";
import { useSession } from "@/lib/session";
import { providerOf } from "@/providers";
import { NotFoundPage } from "./notFound";

const route = getRouteApi("/app/clientes/$id/historico");

type ClientData = NonNullable<ClientMonthQuery["client"]>;

/** How a client's connections worked in one month, as a sheet that is handed to the client. */
export function ClientHistoryPage() {
  const { id } = route.useParams();
  const { mes: month = monthOf(new Date()) } = route.useSearch();
  const client = useApi(ClientMonth, { id, ...endsOf(month), zone: zone() }, { placeholderData: keepPreviousData });
  return (
    <QueryView query={client}>
      {(data) => (data.client ? <Page client={data.client} month={month} /> : <NotFoundPage />)}
    </QueryView>
  );
}

function Page({ client, month }: { client: ClientData; month: string }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const navigate = useNavigate();
  const name = client.erasedAt ? t("client.erasedName") : client.name;
  const connections = client.products.flatMap(({ marketplaces }) => marketplaces);
  return (
    <>
      <PageHeader
        title={t("history.ofMonth", { month: formatMonth(month, language) })}
        trail={[
          <AnchorLink key="clients" to="/clientes">
            {t("clients.title")}
          </AnchorLink>,
          <AnchorLink key="client" to="/clientes/$id" params={{ id: client.id }} className="break">
            {name}
          </AnchorLink>,
          <Text key="here" span inherit c="dimmed">
            {t("history.title")}
          </Text>,
        ]}
        lead={
          <Text>
            {name}
            {client.documentKind && (
              <>
                {" · "}
                {client.documentKind} <span className="nowrap">{client.documentFormatted}</span>
              </>
            )}
          </Text>
        }
        actions={
          <>
            <NativeSelect
              aria-label={t("history.month")}
              value={month}
              onChange={({ currentTarget }) =>
                void navigate({
                  to: "/clientes/$id/historico",
                  params: { id: client.id },
                  search: { mes: currentTarget.value },
                })
              }
              data={months().map((value) => ({ value, label: formatMonth(value, language) }))}
            />
            <Button variant="default" leftSection={<IconPrinter size={18} />} onClick={() => window.print()}>
              {t("action.print")}
            </Button>
          </>
        }
      />
      <Stack gap="lg">
        {connections.length === 0 ? (
          <EmptyState icon={<IconPlugConnected size={26} />} title={t("history.noConnections")} />
        ) : (
          <>
            {connections.length > 1 && (
              <Section title={t("history.together")}>
                <FactList facts={client.history.facts} />
              </Section>
            )}
            {connections.map((connection) => (
              <Connection key={connection.id} connection={connection} />
            ))}
            <Text size="sm" c="dimmed">
              {t("history.meaning")}
            </Text>
          </>
        )}
      </Stack>
      <Imprint />
    </>
  );
}

function Connection({ connection }: { connection: ClientData["products"][number]["marketplaces"][number] }) {
  const { t, i18n } = useTranslation();
  const { description, provider, createdAt, history } = connection;
  return (
    <Paper component="section" aria-label={description} withBorder p={{ base: "md", sm: "lg" }}>
      <Stack gap="md">
        <div>
          <Title order={2} className="break">
            {description}
          </Title>
          <Text size="sm" c="dimmed">
            {providerOf(provider).name} · {t("history.since", { day: formatDate(createdAt, i18n.language) })}
          </Text>
        </div>
        <FactList facts={history.facts} />
        <HealthBar days={history.days} of={description} open />
      </Stack>
    </Paper>
  );
}

/** Whose sheet it is, who printed it, and when. */
function Imprint() {
  const { t, i18n } = useTranslation();
  const { viewer } = useSession();
  const printed = t("history.printed", {
    who: viewer?.name,
    when: formatDateTime(new Date().toISOString(), i18n.language),
  });
  return (
    <Text component="footer" size="sm" mt="lg" className="print-only">
      {[organization(), printed].filter(Boolean).join(" · ")}
    </Text>
  );
}
