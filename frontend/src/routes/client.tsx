import { Alert, Badge, Box, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconEraser,
  IconHistory,
  IconPackage,
  IconPencil,
  IconPrinter,
} from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AddableSection } from "@/components/AddableSection";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { AnchorLink, ButtonLink } from "@/components/links";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import { BaitBadge, BaitFact } from "@/features/access-keys/Bait";
import { isInForce, KeyFace, LastUse } from "@/features/access-keys/KeyStatus";
import { ArchiveClient, Client, RestoreClient } from "@/features/clients/api";
import { HealthBadge, isProblem } from "@/features/marketplace/health";
import { ProductState } from "@/features/products/ProductState";
import type { ClientQuery } from "@/gql/graphql";
import { withTexts } from "@/i18n";
import { request, useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { providerOf } from "@/providers";
import { NotFoundPage } from "./notFound";

const ClientHistoryLine = later(() =>
  withTexts(import("@/features/history/HistoryLine"), "history").then((module) => module.ClientHistoryLine),
);
const PrivacySection = later(() => import("@/features/clients/Privacy").then((module) => module.PrivacySection));

const ClientForm = later(() => import("@/features/clients/ClientForm").then((module) => module.ClientForm));
const AddProductForm = later(() =>
  import("@/features/products/AddProductForm").then((module) => module.AddProductForm),
);

const route = getRouteApi("/app/clientes/$id");

type ClientData = NonNullable<ClientQuery["client"]>;

export function ClientPage() {
  const { id } = route.useParams();
  const client = useApi(Client, { id });
  return (
    <QueryView query={client}>
      {(data) => (data.client ? <Page key={id} client={data.client} /> : <NotFoundPage />)}
    </QueryView>
  );
}

function Page({ client }: { client: ClientData }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { write } = useAbilities();
  const [editing, setEditing] = useState(false);
  const [adding, setAdding] = useState(false);
  const archived = Boolean(client.archivedAt);
  const erased = Boolean(client.erasedAt);
  const name = erased ? t("client.erasedName") : client.name;

  return (
    <>
      <PageHeader
        title={name}
        trail={[
          <AnchorLink key="clients" to="/clientes">
            {t("clients.title")}
          </AnchorLink>,
          <Text key="here" span inherit c="dimmed" className="break">
            {name}
          </Text>,
        ]}
        mark={
          !erased && (
            <>
              {archived && (
                <Badge color="gray" variant="light">
                  {t("client.archived")}
                </Badge>
              )}
              <BaitBadge of={client} />
            </>
          )
        }
        actions={
          <>
            <ButtonLink
              to="/clientes/$id/historico"
              params={{ id: client.id }}
              variant="default"
              leftSection={<IconHistory size={18} />}
            >
              {t("client.history")}
            </ButtonLink>
            <Button variant="default" leftSection={<IconPrinter size={18} />} onClick={() => window.print()}>
              {t("action.print")}
            </Button>
            {write && !erased && <ArchiveButton client={client} />}
            {write && !erased && (
              <Button variant="default" leftSection={<IconPencil size={18} />} onClick={() => setEditing(true)}>
                {t("action.edit")}
              </Button>
            )}
          </>
        }
      />
      <Stack gap="lg">
        {client.erasedAt && (
          <Alert color="gray" icon={<IconEraser />}>
            {t("client.erasedSince")} <TimeText value={client.erasedAt} as="date" />. {t("client.erasedMeaning")}
          </Alert>
        )}
        {client.archivedAt && !erased && (
          <Alert color="gray" icon={<IconArchive />}>
            {t("client.archivedSince")} <TimeText value={client.archivedAt} as="date" />. {t("client.archivedMeaning")}
          </Alert>
        )}
        <Section title={t("client.data")}>
          <dl className="facts">
            {client.documentKind && (
              <div>
                <dt>{client.documentKind}</dt>
                <dd>{client.documentFormatted}</dd>
              </div>
            )}
            <div>
              <dt>{t("client.tradeName")}</dt>
              <dd>{client.tradeName ?? "—"}</dd>
            </div>
            <div>
              <dt>{t("client.since")}</dt>
              <dd>
                <TimeText value={client.createdAt} as="date" />
              </dd>
            </div>
            <div>
              <dt>{t("client.changed")}</dt>
              <dd>
                <TimeText value={client.updatedAt} />
              </dd>
            </div>
            {!erased && <BaitFact kind="client" of={client} />}
          </dl>
        </Section>
        <AddableSection
          title={t("client.products")}
          lead={t("client.productsLead")}
          addable={write && !erased}
          blocked={archived ? t("client.archivedFirst") : undefined}
          onAdd={() => setAdding(true)}
        >
          {client.products.length === 0 ? (
            <EmptyState icon={<IconPackage size={26} />} title={t("client.noProducts")}>
              {write && !archived ? t("client.noProductsHelp") : undefined}
            </EmptyState>
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }} component="ul" className="plain-list">
              {client.products.map((product) => (
                <ProductCard key={product.id} clientId={client.id} product={product} />
              ))}
            </SimpleGrid>
          )}
        </AddableSection>
        {client.products.some(({ marketplaces }) => marketplaces.length > 0) && (
          <Section title={t("client.history")}>
            <Box mih={110}>
              <ClientHistoryLine id={client.id} of={name} />
            </Box>
          </Section>
        )}
        <PrivacySection client={client} />
      </Stack>
      <FormDialog opened={editing} onClose={() => setEditing(false)} title={t("client.edit")}>
        <ClientForm client={client} onDone={() => notify.done(t("client.saved"))} />
      </FormDialog>
      <FormDialog opened={adding} onClose={() => setAdding(false)} title={t("product.addTitle")}>
        <AddProductForm
          clientId={client.id}
          taken={client.products.map(({ product }) => product.id)}
          onDone={(clientProductId) => {
            notify.done(t("product.addedToClient"));
            void navigate({
              to: "/clientes/$id/produtos/$clientProductId",
              params: { id: client.id, clientProductId },
            });
          }}
        />
      </FormDialog>
    </>
  );
}

function ArchiveButton({ client }: { client: ClientData }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const input = { id: client.id, version: client.version };

  const restore = () => run(async () => (await request(RestoreClient, { input })).restoreClient, t("client.restored"));
  const archive = async () => {
    const agreed = await confirm({
      title: t("client.archiveTitle", { name: client.name }),
      body: t("client.archiveBody"),
      confirm: t("client.archive"),
    });
    if (agreed)
      await run(async () => (await request(ArchiveClient, { input })).archiveClient, t("client.archivedDone"));
  };

  return client.archivedAt ? (
    <Button leftSection={<IconArchiveOff size={18} />} loading={pending} onClick={() => void restore()}>
      {t("client.restore")}
    </Button>
  ) : (
    <Button variant="default" leftSection={<IconArchive size={18} />} loading={pending} onClick={() => void archive()}>
      {t("client.archive")}
    </Button>
  );
}

function ProductCard({ clientId, product }: { clientId: string; product: ClientData["products"][number] }) {
  const { t } = useTranslation();
  const keys = product.accessKeys.filter(isInForce);
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" gap="xs" mb="xs">
        <Title order={3} fz="md">
          <AnchorLink
            to="/clientes/$id/produtos/$clientProductId"
            params={{ id: clientId, clientProductId: product.id }}
          >
            {product.product.name}
          </AnchorLink>
        </Title>
        <ProductState {...product} hasProblem={product.marketplaces.some(({ health }) => isProblem(health))} />
      </Group>
      <Stack gap={6}>
        {product.marketplaces.map((marketplace) => (
          <Group key={marketplace.id} gap="xs">
            <Text size="sm" className="break">
              {marketplace.description} ({providerOf(marketplace.provider).name})
            </Text>
            <HealthBadge health={marketplace.health} />
          </Group>
        ))}
        {keys.map((accessKey) => (
          <Text key={accessKey.id} size="sm" c="dimmed">
            {accessKey.name}: <KeyFace accessKey={accessKey} /> · {t("accessKey.lastUse")}:{" "}
            <LastUse accessKey={accessKey} />
          </Text>
        ))}
      </Stack>
    </Paper>
  );
}
