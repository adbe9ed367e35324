import { Button, Tabs, Text } from "@mantine/core";
import { IconPlus, IconTerminal2, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { Forbidden } from "@/components/Forbidden";
import { FormDialog } from "@/components/form";
import { ListPages } from "@/components/ListPages";
import { later } from "@/components/later";
import { useListPage } from "@/components/listPage";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Operators } from "@/features/operators/api";
import { OperatorsTable } from "@/features/operators/OperatorsTable";
import type { IssuedLink } from "@/features/operators/PasswordLinkDialog";
import { ServiceTokens } from "@/features/service-tokens/api";
import type { IssuedToken } from "@/features/service-tokens/ServiceTokenDialog";
import { useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";

const ServiceTokensTable = later(() =>
  import("@/features/service-tokens/ServiceTokensTable").then((module) => module.ServiceTokensTable),
);

const InviteForm = later(() => import("@/features/operators/OperatorForms").then((module) => module.InviteForm));
const PasswordLinkDialog = later(() =>
  import("@/features/operators/PasswordLinkDialog").then((module) => module.PasswordLinkDialog),
);
const ServiceTokenDialog = later(() =>
  import("@/features/service-tokens/ServiceTokenDialog").then((module) => module.ServiceTokenDialog),
);
const ServiceTokenForm = later(() =>
  import("@/features/service-tokens/ServiceTokenForm").then((module) => module.ServiceTokenForm),
);

const route = getRouteApi("/app/operadores");

/** Who may log in, and which scripts may call. For administrators. */
export function OperatorsPage() {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  const search = route.useSearch();
  const { change } = useListPage(search);
  if (!administer) {
    return (
      <>
        <PageHeader title={t("operator.title")} />
        <Forbidden>{t("operator.forbidden")}</Forbidden>
      </>
    );
  }
  return (
    <>
      <PageHeader title={t("operator.title")} lead={<Text c="dimmed">{t("operator.lead")}</Text>} />
      <Tabs
        keepMounted={false}
        value={search.tokens ? "tokens" : "operators"}
        onChange={(tab) => change({ tokens: tab === "tokens" || undefined })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="operators" leftSection={<IconUsers size={16} aria-hidden />}>
            {t("operator.people")}
          </Tabs.Tab>
          <Tabs.Tab value="tokens" leftSection={<IconTerminal2 size={16} aria-hidden />}>
            {t("serviceToken.title")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="operators">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function People() {
  const { t } = useTranslation();
  const list = useListPage(route.useSearch());
  const operators = useApi(Operators, list.variables, { placeholderData: keepPreviousData });
  const [inviting, setInviting] = useState(false);
  const [issued, setIssued] = useState<IssuedLink>();
  return (
    <>
      <Button leftSection={<IconUserPlus size={18} />} mb="md" onClick={() => setInviting(true)}>
        {t("operator.invite")}
      </Button>
      <QueryView query={operators}>
        {(data) => (
          <ListPages
            label={t("operator.people")}
            place={list.place}
            connection={data.operators}
            stale={operators.isPlaceholderData}
          >
            <OperatorsTable operators={data.operators.edges.map(({ node }) => node)} onLink={setIssued} />
          </ListPages>
        )}
      </QueryView>
      <FormDialog opened={inviting} onClose={() => setInviting(false)} title={t("operator.inviteTitle")}>
        <InviteForm onLink={setIssued} />
      </FormDialog>
      <PasswordLinkDialog issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}

function Tokens() {
  const { t } = useTranslation();
  const list = useListPage(route.useSearch());
  const serviceTokens = useApi(ServiceTokens, list.variables, { placeholderData: keepPreviousData });
  const [creating, setCreating] = useState(false);
  const [issued, setIssued] = useState<IssuedToken>();
  return (
    <>
      <Text c="dimmed" mb="md">
        {t("serviceToken.lead")}
      </Text>
      <Button leftSection={<IconPlus size={18} />} mb="md" onClick={() => setCreating(true)}>
        {t("serviceToken.create")}
      </Button>
      <QueryView query={serviceTokens}>
        {(data) => (
          <ListPages
            label={t("serviceToken.title")}
            place={list.place}
            connection={data.serviceTokens}
            stale={serviceTokens.isPlaceholderData}
          >
            {data.serviceTokens.edges.length > 0 ? (
              <ServiceTokensTable serviceTokens={data.serviceTokens.edges.map(({ node }) => node)} />
            ) : (
              <EmptyState icon={<IconTerminal2 size={26} />} title={t("serviceToken.empty")}>
                {t("serviceToken.emptyHelp")}
              </EmptyState>
            )}
          </ListPages>
        )}
      </QueryView>
      <FormDialog opened={creating} onClose={() => setCreating(false)} title={t("serviceToken.new")}>
        <ServiceTokenForm onIssued={setIssued} />
      </FormDialog>
      <ServiceTokenDialog issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}
