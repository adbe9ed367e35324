import { Chip, Group, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ListPages } from "@/components/ListPages";
import { RowLink } from "@/components/links";
import { useListPage } from "@/components/listPage";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { SearchField } from "@/components/SearchField";
import { TimeText } from "@/components/TimeText";
import { AccessKeys } from "@/features/access-keys/api";
import { BaitBadge } from "@/features/access-keys/Bait";
import { KeyFace, KeyStatusBadge, LastUse } from "@/features/access-keys/KeyStatus";
import type { AccessKeyOrderField, AccessKeysQuery } from "@/gql/graphql";
import { tellsCPF } from "@/lib/document";
import { useApi } from "@/lib/graphql";

const route = getRouteApi("/app/chaves");

type Row = AccessKeysQuery["accessKeys"]["edges"][number]["node"];

/** The keys of all clients: finds the owner of a key by what can be seen of it. */
export function AccessKeysPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const list = useListPage(search, {
    defaultSort: { field: "CREATED_AT", direction: "DESC" },
    unsuited: tellsCPF,
  });
  const accessKeys = useApi(
    AccessKeys,
    { ...list.variables, filter: { inForce: search.inForce, neverUsed: search.neverUsed, createdById: search.by } },
    { placeholderData: keepPreviousData },
  );
  const narrowed =
    Boolean(list.variables.search || search.by) || search.inForce !== undefined || search.neverUsed !== undefined;

  const columns: Column<Row, AccessKeyOrderField>[] = [
    {
      key: "client",
      header: t("accessKey.client"),
      main: true,
      width: "34%",
      render: ({ id: keyId, clientProduct: { id, client, product } }) => (
        <>
          <RowLink
            to="/clientes/$id/produtos/$clientProductId"
            params={{ id: client.id, clientProductId: id }}
            hash="chaves"
            state={{ opened: keyId }}
            className="cut"
            display="block"
            title={client.name}
          >
            {client.name}
          </RowLink>
          <span className="under cut">
            {client.documentFormatted} · {product.name}
          </span>
        </>
      ),
    },
    {
      key: "name",
      header: t("accessKey.name"),
      width: "24%",
      render: (row) => (
        <>
          <span className="cut" title={row.name} style={{ display: "block" }}>
            {row.name}
          </span>
          <span className="under">
            <KeyFace accessKey={row} />
          </span>
        </>
      ),
    },
    {
      key: "status",
      header: t("accessKey.state"),
      render: (row) => (
        <Group gap="xs">
          <KeyStatusBadge status={row.status} />
          <BaitBadge of={row} />
        </Group>
      ),
    },
    { key: "used", header: t("accessKey.lastUse"), render: (row) => <LastUse accessKey={row} /> },
    {
      key: "created",
      header: t("accessKey.created"),
      sort: "CREATED_AT",
      firstDirection: "DESC",
      render: (row) => <TimeText value={row.createdAt} as="date" />,
    },
  ];

  return (
    <>
      <PageHeader title={t("accessKey.title")} lead={<Text c="dimmed">{t("accessKey.listLead")}</Text>} />
      <Group gap="sm" mb="md" className="no-print">
        <SearchField label={t("accessKey.search")} placeholder={t("accessKey.searchHint")} search={list.search} />
        <Group gap="xs" role="group" aria-label={t("list.filters")}>
          <Chip
            checked={search.inForce === true}
            onChange={(checked) => list.change({ inForce: checked || undefined })}
          >
            {t("accessKey.filter.inForce")}
          </Chip>
          <Chip
            checked={search.inForce === false}
            onChange={(checked) => list.change({ inForce: checked ? false : undefined })}
          >
            {t("accessKey.filter.past")}
          </Chip>
          <Chip
            checked={search.neverUsed === true}
            onChange={(checked) => list.change({ neverUsed: checked || undefined })}
          >
            {t("accessKey.filter.neverUsed")}
          </Chip>
          {search.by && (
            <Chip checked onChange={() => list.change({ by: undefined })}>
              {t("accessKey.filter.by")}
            </Chip>
          )}
        </Group>
      </Group>
      <QueryView query={accessKeys}>
        {(data) => (
          <ListPages
            label={t("accessKey.title")}
            place={list.place}
            connection={data.accessKeys}
            stale={accessKeys.isPlaceholderData}
          >
            {data.accessKeys.edges.length > 0 ? (
              <DataTable
                caption={t("accessKey.title")}
                columns={columns}
                rows={data.accessKeys.edges.map((edge) => edge.node)}
                rowKey={(row) => row.id}
                sorting={list.sorting}
              />
            ) : (
              <EmptyState icon={<IconKey size={26} />} title={t(narrowed ? "accessKey.noneFound" : "accessKey.none")}>
                {t(narrowed ? "accessKey.noneFoundHelp" : "accessKey.noneHelp")}
              </EmptyState>
            )}
          </ListPages>
        )}
      </QueryView>
    </>
  );
}
