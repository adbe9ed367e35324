import { Badge, Button, Group, Text } from "@mantine/core";
import { IconPackage, IconPencil, IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { ListPages } from "@/components/ListPages";
import { later } from "@/components/later";
import { useListPage } from "@/components/listPage";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Products } from "@/features/products/api";
import type { ProductFieldsFragment } from "@/gql/graphql";
import { useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";

const ProductForm = later(() => import("@/features/products/ProductForm").then((module) => module.ProductForm));

const route = getRouteApi("/app/produtos");

export function ProductsPage() {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  const list = useListPage(route.useSearch());
  const products = useApi(Products, list.variables, { placeholderData: keepPreviousData });
  const [opened, setOpened] = useState(false);
  const [product, setProduct] = useState<ProductFieldsFragment>();
  const open = (chosen?: ProductFieldsFragment) => {
    setProduct(chosen);
    setOpened(true);
  };

  const current = products.data?.products.edges.find(({ node }) => node.id === product?.id)?.node; // as it is read again
  const columns: Column<ProductFieldsFragment, never>[] = [
    {
      key: "name",
      header: t("product.name"),
      main: true,
      render: (row) => (
        <>
          <Text fw={600}>{row.name}</Text>
          {row.description && (
            <Text size="sm" c="dimmed" className="break">
              {row.description}
            </Text>
          )}
        </>
      ),
    },
    { key: "code", header: t("product.code"), render: (row) => <span className="mono break">{row.code}</span> },
    {
      key: "capabilities",
      header: t("product.capabilities"),
      render: (row) => (
        <Group gap={6}>
          {row.capabilities.length === 0 && <Text c="dimmed">{t("product.noBlocks")}</Text>}
          {row.capabilities.map((capability) => (
            <Badge key={capability} variant="light">
              {t(`capability.${capability}`)}
            </Badge>
          ))}
        </Group>
      ),
    },
  ];
  if (administer) {
    columns.push({
      key: "actions",
      header: t("list.actions"),
      render: (row) => (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPencil size={15} />}
          aria-label={t("product.editNamed", { name: row.name })}
          onClick={() => open(row)}
        >
          {t("action.edit")}
        </Button>
      ),
    });
  }

  return (
    <>
      <PageHeader
        title={t("product.title")}
        lead={<Text c="dimmed">{t("product.lead")}</Text>}
        actions={
          administer && (
            <Button leftSection={<IconPlus size={18} />} onClick={() => open()}>
              {t("action.new")}
            </Button>
          )
        }
      />
      <QueryView query={products}>
        {(data) => (
          <ListPages
            label={t("product.title")}
            place={list.place}
            connection={data.products}
            stale={products.isPlaceholderData}
          >
            {data.products.edges.length > 0 ? (
              <DataTable
                caption={t("product.title")}
                columns={columns}
                rows={data.products.edges.map((edge) => edge.node)}
                rowKey={(row) => row.id}
              />
            ) : (
              <EmptyState icon={<IconPackage size={26} />} title={t("product.empty")} />
            )}
          </ListPages>
        )}
      </QueryView>
      <FormDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={product ? t("product.editNamed", { name: product.name }) : t("product.new")}
      >
        <ProductForm product={current ?? product} onDone={() => notify.done(t("product.saved"))} />
      </FormDialog>
    </>
  );
}
