import { Alert, Badge, Box, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { later } from "@/components/later";
import { AnchorLink } from "@/components/links";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { TimeText } from "@/components/TimeText";
import { AccessKeySection } from "@/features/access-keys/AccessKeySection";
import { IncidentBanner } from "@/features/marketplace/incidents/IncidentBanner";
import { useInstallNotice } from "@/features/marketplace/install/result";
import { MarketplaceSection } from "@/features/marketplace/MarketplaceSection";
import { ClientProduct, ResumeClientProduct, SuspendClientProduct } from "@/features/products/api";
import { SetupChecklist } from "@/features/products/SetupChecklist";
import type { ClientProductQuery } from "@/gql/graphql";
import { withTexts } from "@/i18n";
import { isIdle } from "@/lib/activity";
import { request, useApi } from "@/lib/graphql";
import { useLiveConnected } from "@/lib/live";
import { useAbilities } from "@/lib/session";
import { NotFoundPage } from "./notFound";

const ConnectionHistory = later(() =>
  withTexts(import("@/features/history/HistoryLine"), "history").then((module) => module.ConnectionHistory),
);

const route = getRouteApi("/app/clientes/$id/produtos/$clientProductId");
/** How often the page asks by itself while no stream of changes reaches it. */
const pollMs = 60_000;
const blocks = { MARKETPLACE: "marketplace", ACCESS_KEY: "chaves", BACK_OFFICE: "chaves" } as const;

type ClientProductData = Extract<NonNullable<ClientProductQuery["node"]>, { __typename: "ClientProduct" }>;

const find = (data?: ClientProductQuery) => (data?.node?.__typename === "ClientProduct" ? data.node : undefined);

/** Something that happens elsewhere will change the page: the back-office's first call, a merchant's consent. */
const awaitsNews = (found: ClientProductData) =>
  found.nextStep === "BACK_OFFICE" || found.marketplaces.some(({ health }) => health.reason === "WAITING_FOR_MERCHANT");

export function ClientProductPage() {
  const { clientProductId } = route.useParams();
  const connected = useLiveConnected();
  useInstallNotice(route.useSearch());
  const clientProduct = useApi(
    ClientProduct,
    { id: clientProductId },
    {
      refetchInterval: ({ state }) => {
        const found = find(state.data);
        return found && awaitsNews(found) && !connected && !isIdle() ? pollMs : false;
      },
    },
  );
  return (
    <QueryView query={clientProduct}>
      {(data) => {
        const found = find(data);
        return found ? <Page key={found.id} clientProduct={found} /> : <NotFoundPage />;
      }}
    </QueryView>
  );
}

function Page({ clientProduct }: { clientProduct: ClientProductData }) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const { client, product, marketplaces, accessKeys, suspendedAt, nextStep } = clientProduct;
  const takes = (capability: (typeof product.capabilities)[number]) => product.capabilities.includes(capability);

  const lastStep = useRef(nextStep);
  useEffect(() => {
    if (lastStep.current === "BACK_OFFICE" && !nextStep) {
      notify.done(t("steps.connectedBody"), { title: t("steps.connectedTitle") });
    }
    lastStep.current = nextStep;
  }, [nextStep, t]);

  const stopped = client.archivedAt
    ? t("client.archivedFirst")
    : suspendedAt
      ? t("clientProduct.suspendedFirst")
      : undefined;

  return (
    <>
      <PageHeader
        title={product.name}
        of={client.name}
        trail={[
          <AnchorLink key="clients" to="/clientes">
            {t("clients.title")}
          </AnchorLink>,
          <AnchorLink key="client" to="/clientes/$id" params={{ id: client.id }} className="break">
            {client.name}
          </AnchorLink>,
          <Text key="here" span inherit c="dimmed">
            {product.name}
          </Text>,
        ]}
        mark={
          suspendedAt && (
            <Badge color="gray" variant="light">
              {t("clientProduct.suspended")}
            </Badge>
          )
        }
        lead={
          <Text c="dimmed">
            {client.name} · {client.documentKind} <span className="nowrap">{client.documentFormatted}</span>
          </Text>
        }
        actions={write && <SuspendButton clientProduct={clientProduct} />}
      />
      <IncidentBanner of={marketplaces.map(({ provider }) => provider)} />
      <Stack gap="lg">
        {suspendedAt && (
          <Alert color="gray" icon={<IconPlayerPause />}>
            {t("clientProduct.suspendedSince")} <TimeText value={suspendedAt} as="minute" />.{" "}
            {t("clientProduct.suspendedMeaning")}
          </Alert>
        )}
        <SetupChecklist
          capabilities={product.capabilities}
          nextStep={nextStep}
          backOfficeLastCallAt={clientProduct.backOfficeLastCallAt}
          blocks={blocks}
        />
        {takes("MARKETPLACES") && (
          <MarketplaceSection
            id={blocks.MARKETPLACE}
            clientProductId={clientProduct.id}
            client={client.name}
            marketplaces={marketplaces}
            blocked={stopped}
            history={({ id, description }) => (
              <Box mih={110}>
                <ConnectionHistory clientProductId={clientProduct.id} marketplaceId={id} of={description} />
              </Box>
            )}
          />
        )}
        {takes("ACCESS_KEYS") && (
          <AccessKeySection
            id={blocks.ACCESS_KEY}
            clientProductId={clientProduct.id}
            accessKeys={accessKeys}
            client={client}
            marketplaces={marketplaces.map(({ description }) => description)}
            blocked={
              stopped ??
              (takes("MARKETPLACES") && marketplaces.length === 0 ? t("accessKey.afterMarketplace") : undefined)
            }
          />
        )}
        {product.capabilities.length === 0 && <Text c="dimmed">{t("clientProduct.noBlocks")}</Text>}
      </Stack>
    </>
  );
}

function SuspendButton({ clientProduct }: { clientProduct: ClientProductData }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const input = { id: clientProduct.id, version: clientProduct.version };

  const resume = () =>
    run(async () => (await request(ResumeClientProduct, { input })).resumeClientProduct, t("clientProduct.resumed"));
  const suspend = async () => {
    const agreed = await confirm({
      title: t("clientProduct.suspendTitle", {
        name: clientProduct.product.name,
        client: clientProduct.client.name,
      }),
      body: t("clientProduct.suspendBody"),
      confirm: t("clientProduct.suspend"),
    });
    if (!agreed) return;
    await run(
      async () => (await request(SuspendClientProduct, { input })).suspendClientProduct,
      t("clientProduct.suspendedDone"),
    );
  };

  return (
    <Group>
      {clientProduct.suspendedAt ? (
        <Button leftSection={<IconPlayerPlay size={18} />} loading={pending} onClick={() => void resume()}>
          {t("clientProduct.resume")}
        </Button>
      ) : (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={18} />}
          loading={pending}
          onClick={() => void suspend()}
        >
          {t("clientProduct.suspend")}
        </Button>
      )}
    </Group>
  );
}
