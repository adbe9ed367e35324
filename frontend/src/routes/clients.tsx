import { Badge, Button, Chip, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, useLocation, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Column, DataTable, type Order, SortSelect } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { ListPages } from "@/components/ListPages";
import { later } from "@/components/later";
import { AnchorLink, RowLink } from "@/components/links";
import { useListPage } from "@/components/listPage";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { SearchField } from "@/components/SearchField";
import { BaitBadge } from "@/features/access-keys/Bait";
import { Clients } from "@/features/clients/api";
import { isProblem } from "@/features/marketplace/health";
import { IncidentBanner } from "@/features/marketplace/incidents/IncidentBanner";
import { MarketplaceStates } from "@/features/marketplace/MarketplaceStates";
import { ProductState } from "@/features/products/ProductState";
import type { ClientOrderField, ClientsQuery } from "@/gql/graphql";
import { tellsCPF } from "@/lib/document";
import { useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";

const ClientForm = later(() => import("@/features/clients/ClientForm").then((module) => module.ClientForm));

const route = getRouteApi("/app/clientes");
const flags = ["hasProblem", "exceptIncidents", "hasWrongShop", "withoutKey", "archived"] as const;

type Row = ClientsQuery["clients"]["edges"][number]["node"];

export function ClientsPage() {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const navigate = useNavigate();
  const search = route.useSearch();
  const document = useLocation({ select: ({ state }) => state.document });
  const list = useListPage(search, {
    defaultSort: { field: "NAME", direction: "ASC" },
    unsuited: tellsCPF,
  });
  const clients = useApi(
    Clients,
    {
      ...list.variables,
      filter: {
        archived: search.archived ?? false,
        hasProblem: search.hasProblem,
        exceptIncidents: search.exceptIncidents,
        hasWrongShop: search.hasWrongShop,
        withoutKey: search.withoutKey,
      },
    },
    { placeholderData: keepPreviousData },
  );
  const narrowed = Boolean(list.variables.search) || flags.some((flag) => search[flag]);
  const openForm = (add?: true) =>
    void navigate({ to: ".", search: (before) => ({ ...before, add }), replace: !add, resetScroll: false });

  const columns: Column<Row, ClientOrderField>[] = [
    {
      key: "name",
      header: t("client.name"),
      sort: "NAME",
      main: true,
      width: "36%",
      render: (row) => <Name row={row} />,
    },
    {
      key: "document",
      header: t("document.label"),
      render: (row) => <span className="nowrap">{row.documentFormatted}</span>,
    },
    { key: "products", header: t("client.products"), width: "26%", render: (row) => <ProductsOf row={row} /> },
    {
      key: "marketplaces",
      header: t("client.marketplaces"),
      sort: "TROUBLE",
      firstDirection: "DESC",
      width: "22%",
      render: (row) => <MarketplaceStates marketplaces={row.products.flatMap(({ marketplaces }) => marketplaces)} />,
    },
  ];
  const orders: Order<ClientOrderField>[] = [
    { sort: "NAME", label: t("client.name") },
    { sort: "TROUBLE", label: t("clients.trouble"), firstDirection: "DESC" },
    { sort: "CREATED_AT", label: t("client.since"), firstDirection: "DESC" },
  ];

  return (
    <>
      <PageHeader
        title={t("clients.title")}
        actions={
          write && (
            <Button leftSection={<IconPlus size={18} />} onClick={() => openForm(true)}>
              {t("action.new")}
            </Button>
          )
        }
      />
      <IncidentBanner />
      <Group gap="sm" mb="md" className="no-print">
        <SearchField label={t("clients.search")} placeholder={t("clients.searchHint")} search={list.search} />
        {list.sorting && <SortSelect orders={orders} sorting={list.sorting} />}
        <Group gap="xs" role="group" aria-label={t("list.filters")}>
          {flags
            .filter((flag) => flag !== "exceptIncidents" || search.hasProblem)
            .map((flag) => (
              <Chip
                key={flag}
                checked={search[flag] ?? false}
                onChange={(checked) => list.change({ [flag]: checked || undefined })}
              >
                {t(`clients.filter.${flag}`)}
              </Chip>
            ))}
        </Group>
      </Group>
      <QueryView query={clients}>
        {(data) => (
          <ListPages
            label={t("clients.title")}
            place={list.place}
            connection={data.clients}
            stale={clients.isPlaceholderData}
          >
            {data.clients.edges.length > 0 ? (
              <DataTable
                caption={t("clients.title")}
                columns={columns}
                rows={data.clients.edges.map((edge) => edge.node)}
                rowKey={(row) => row.id}
                sorting={list.sorting}
              />
            ) : (
              <EmptyState icon={<IconUsers size={26} />} title={t(narrowed ? "clients.noneFound" : "clients.empty")}>
                {t(narrowed ? "clients.noneFoundHelp" : write ? "clients.emptyHelp" : "clients.emptyViewer")}
              </EmptyState>
            )}
          </ListPages>
        )}
      </QueryView>
      <FormDialog opened={write && Boolean(search.add)} onClose={() => openForm()} title={t("clients.new")}>
        <ClientForm
          document={document}
          onDone={(id) => {
            notify.done(t("clients.added"));
            void navigate({ to: "/clientes/$id", params: { id } });
          }}
        />
      </FormDialog>
    </>
  );
}

function Name({ row }: { row: Row }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="line">
        <RowLink to="/clientes/$id" params={{ id: row.id }} className="cut" title={row.name}>
          {row.name}
        </RowLink>
        {row.archivedAt && (
          <Badge color="gray" variant="light">
            {t("client.archived")}
          </Badge>
        )}
        <BaitBadge of={row} />
      </span>
      {row.tradeName && (
        <span className="under cut" title={row.tradeName}>
          {row.tradeName}
        </span>
      )}
    </>
  );
}

function ProductsOf({ row }: { row: Row }) {
  const { t } = useTranslation();
  if (row.products.length === 0)
    return (
      <Text c="dimmed" size="sm">
        {t("client.noProducts")}
      </Text>
    );
  return (
    <Stack gap={4}>
      {row.products.map((product) => (
        <div key={product.id}>
          <AnchorLink
            to="/clientes/$id/produtos/$clientProductId"
            params={{ id: row.id, clientProductId: product.id }}
            size="sm"
            className="cut"
            display="block"
            title={product.product.name}
          >
            {product.product.name}
          </AnchorLink>
          <ProductState {...product} hasProblem={product.marketplaces.some(({ health }) => isProblem(health))} />
        </div>
      ))}
    </Stack>
  );
}
