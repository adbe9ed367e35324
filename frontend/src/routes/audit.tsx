import { Box, Button, Text, UnstyledButton } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { describeError } from "@/components/ErrorAlert";
import { Forbidden } from "@/components/Forbidden";
import { ListPages } from "@/components/ListPages";
import { later } from "@/components/later";
import { AnchorLink } from "@/components/links";
import { firstPage, usePlace } from "@/components/listPage";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { TimeText } from "@/components/TimeText";
import { AuditEvents } from "@/features/audit/api";
import { Differences } from "@/features/audit/Differences";
import { type AuditFormat, downloadAudit } from "@/features/audit/download";
import { type AuditSearch, filterOf } from "@/features/audit/filter";
import { actionText } from "@/features/audit/words";
import type { AuditEventFieldsFragment } from "@/gql/graphql";
import { useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";

const AuditFilters = later(() => import("@/features/audit/AuditFilters").then((module) => module.AuditFilters));

const route = getRouteApi("/app/auditoria");

/** Who did what, when and from where. Not for those who change nothing. */
export function AuditPage() {
  const { t } = useTranslation();
  const { write } = useAbilities();
  if (write) return <Trail />;
  return (
    <>
      <PageHeader title={t("audit.title")} />
      <Forbidden />
    </>
  );
}

function Trail() {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const filter = filterOf(search);
  const change = (part: Partial<AuditSearch>) =>
    void navigate({
      search: (now) => ({ ...now, ...firstPage, ...part }), // of a change that is on its way too
      resetScroll: false,
    });
  const { place, variables } = usePlace(search, change);
  const events = useApi(AuditEvents, { filter, ...variables }, { placeholderData: keepPreviousData });

  return (
    <>
      <PageHeader
        title={t("audit.title")}
        lead={<Text c="dimmed">{t(administer ? "audit.lead" : "audit.leadOwn")}</Text>}
        actions={
          <>
            <DownloadButton format="xlsx" search={search} />
            <DownloadButton format="csv" search={search} />
            <DownloadButton format="jsonl" search={search} />
          </>
        }
      />
      <Box mih={{ base: 0, sm: 78 }}>
        <AuditFilters search={search} onChange={change} />
      </Box>
      <QueryView query={events}>
        {(data) => (
          <ListPages
            label={t("audit.title")}
            place={place}
            connection={data.auditEvents}
            stale={events.isPlaceholderData}
          >
            {data.auditEvents.edges.length > 0 ? (
              <DataTable
                caption={t("audit.title")}
                columns={columnsOf({ t, change })}
                rows={data.auditEvents.edges.map((edge) => edge.node)}
                rowKey={(row) => row.id}
              />
            ) : (
              <EmptyState icon={<IconHistory size={26} />} title={t("audit.none")}>
                {t("audit.noneHelp")}
              </EmptyState>
            )}
          </ListPages>
        )}
      </QueryView>
    </>
  );
}

interface Context {
  t: TFunction;
  change: (part: Partial<AuditSearch>) => void;
}

function columnsOf({ t, change }: Context): Column<AuditEventFieldsFragment, never>[] {
  return [
    {
      key: "action",
      header: t("audit.what"),
      main: true,
      render: (row) => (
        <>
          <Text fw={600} className="break">
            {actionText(t, row.action)}
          </Text>
          <About row={row} />
        </>
      ),
    },
    { key: "changes", header: t("audit.changes"), render: (row) => <Differences changes={row.changes} /> },
    { key: "actor", header: t("audit.who"), render: (row) => <Who row={row} change={change} /> },
    { key: "at", header: t("audit.when"), render: (row) => <TimeText value={row.at} as="minute" /> },
  ];
}

/** The object and the client of an event, as links where there is a page. */
function About({ row: { object, client } }: { row: AuditEventFieldsFragment }) {
  const { t } = useTranslation();
  const clientName = client && (client.erasedAt ? t("client.erasedName") : client.name);
  const isClient = object !== null && object.id === client?.id;
  return (
    <Text size="sm" c="dimmed" className="break">
      {object && !isClient && (object.name ?? <span className="mono">{object.id}</span>)}
      {object && !isClient && client && " · "}
      {client && (
        <AnchorLink to="/clientes/$id" params={{ id: client.id }} underline="always">
          {clientName}
        </AnchorLink>
      )}
    </Text>
  );
}

function Who({ row: { actor, address }, change }: { row: AuditEventFieldsFragment; change: Context["change"] }) {
  const { t } = useTranslation();
  const { id, kind, label } = actor;
  const narrow = kind === "OPERATOR" ? { operator: id ?? undefined } : { key: id ?? undefined };
  return (
    <div className="name">
      {id && kind !== "SYSTEM" ? (
        <UnstyledButton
          className="link-button break"
          aria-label={t("audit.onlyBy", { name: label })}
          onClick={() => change(narrow)}
        >
          {label}
        </UnstyledButton>
      ) : (
        <Text className="break">{kind === "SYSTEM" ? t("audit.kind.SYSTEM") : label}</Text>
      )}
      <Text size="sm" c="dimmed" className="break">
        {kind !== "SYSTEM" && t(`audit.kind.${kind}`)} {address && <span className="mono">{address}</span>}
      </Text>
    </div>
  );
}

function DownloadButton({ format, search }: { format: AuditFormat; search: AuditSearch }) {
  const { t } = useTranslation();
  const [pending, setPending] = useState(false);
  const download = async () => {
    setPending(true);
    try {
      await downloadAudit(format, filterOf(search));
    } catch (error) {
      notify.failed(describeError(t, error), { title: t("error.title") });
    } finally {
      setPending(false);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={18} />}
      loading={pending}
      onClick={() => void download()}
    >
      {t(`audit.export.${format}`)}
    </Button>
  );
}
