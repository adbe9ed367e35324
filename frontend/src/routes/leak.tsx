import { Alert, Badge, Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBan,
  IconCircle,
  IconCircleCheck,
  IconPrinter,
  IconShieldCheck,
} from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { EmptyState } from "@/components/EmptyState";
import { Fact } from "@/components/Fact";
import { AnchorLink, ButtonLink } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import { LeakedKey, RevokeAccessKey } from "@/features/access-keys/api";
import { Addresses, KeyFace, KeyStatusBadge, LastUse } from "@/features/access-keys/KeyStatus";
import { type LeakedKeyData, leakSearch, remaining } from "@/features/access-keys/leak";
import { startOfDay } from "@/lib/day";
import { request, useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { providerOf } from "@/providers";
import { NotFoundPage } from "./notFound";

const route = getRouteApi("/app/chaves/$id/vazamento");

/** The answer to a leaked key: revoke it, see what it has read, renew each. All of it is read from the server. */
export function LeakPage() {
  const { id } = route.useParams();
  const { since } = route.useSearch();
  const key = useApi(LeakedKey, { id, since: startOfDay(since) }, { refetchOnWindowFocus: "always" });
  return (
    <QueryView query={key}>
      {(data) =>
        data.node && "readMarketplaces" in data.node ? <Page accessKey={data.node} since={since} /> : <NotFoundPage />
      }
    </QueryView>
  );
}

function Page({ accessKey, since }: { accessKey: LeakedKeyData; since?: string }) {
  const { t } = useTranslation();
  const { client, product } = accessKey.clientProduct;
  const open = remaining(accessKey);
  return (
    <>
      <PageHeader
        title={t("leak.title", { name: accessKey.name })}
        of={client.name}
        trail={[
          <AnchorLink key="keys" to="/chaves">
            {t("accessKey.title")}
          </AnchorLink>,
          <Text key="here" span inherit c="dimmed" className="break">
            {accessKey.name}
          </Text>,
        ]}
        mark={<KeyStatusBadge status={accessKey.status} />}
        lead={<Text c="dimmed">{t("leak.lead")}</Text>}
        actions={
          <Button variant="default" leftSection={<IconPrinter size={18} />} onClick={() => window.print()}>
            {t("action.print")}
          </Button>
        }
      />
      <Stack gap="lg">
        <div role="status">
          {open === 0 ? (
            <Alert color="green" icon={<IconShieldCheck />}>
              {t("leak.closed")}
            </Alert>
          ) : (
            <Alert color="orange" icon={<IconAlertTriangle />}>
              {t("leak.open", { count: open })}
            </Alert>
          )}
        </div>
        <Paper withBorder p={{ base: "md", sm: "lg" }}>
          <dl className="facts">
            <Fact label={t("accessKey.client")}>
              <AnchorLink to="/clientes/$id" params={{ id: client.id }}>
                {client.name}
              </AnchorLink>
            </Fact>
            <Fact label={t("leak.product")}>{product.name}</Fact>
            <Fact label={t("token.key")}>
              <KeyFace accessKey={accessKey} />
            </Fact>
            <Fact label={t("accessKey.created")}>
              <TimeText value={accessKey.createdAt} as="minute" />
            </Fact>
            <Fact label={t("accessKey.lastUse")}>
              <LastUse accessKey={accessKey} />
            </Fact>
            <Fact label={t("accessKey.addresses")}>
              <Addresses accessKey={accessKey} />
            </Fact>
          </dl>
        </Paper>
        <Since since={since} />
        <Revoke accessKey={accessKey} />
        <Exposed accessKey={accessKey} />
      </Stack>
    </>
  );
}

function Since({ since }: { since?: string }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  return (
    <Section title={t("leak.sinceTitle")} description={t("leak.sinceHelp")}>
      <TextInput
        type="date"
        label={t("leak.since")}
        maw={240}
        value={since ?? ""}
        onChange={(event) => void navigate({ search: leakSearch({ since: event.currentTarget.value }), replace: true })}
      />
    </Section>
  );
}

function Revoke({ accessKey }: { accessKey: LeakedKeyData }) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const revoke = async () => {
    const agreed = await confirm({
      title: t("accessKey.revokeTitle", { name: accessKey.name, client: accessKey.clientProduct.client.name }),
      body: t("leak.revokeBody", { client: accessKey.clientProduct.client.name }),
      confirm: t("accessKey.revoke"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(RevokeAccessKey, { input: { id: accessKey.id } })).revokeAccessKey,
      t("accessKey.revoked"),
    );
  };
  return (
    <Section title={t("leak.revokeTitle")} description={t("leak.revokeHelp")}>
      {accessKey.revokedAt ? (
        <Done>
          {t("accessKey.revokedOn")} <TimeText value={accessKey.revokedAt} as="minute" />
        </Done>
      ) : (
        write && (
          <Button
            color="red"
            className="no-print"
            style={{ alignSelf: "flex-start" }}
            leftSection={<IconBan size={18} />}
            loading={pending}
            onClick={() => void revoke()}
          >
            {t("leak.revokeNow")}
          </Button>
        )
      )}
    </Section>
  );
}

function Exposed({ accessKey }: { accessKey: LeakedKeyData }) {
  const { t } = useTranslation();
  const { id: clientProductId, client } = accessKey.clientProduct;
  return (
    <Section title={t("leak.readTitle")} description={t("leak.readHelp")}>
      {accessKey.readMarketplaces.length === 0 ? (
        <EmptyState icon={<IconShieldCheck size={26} />} title={t("leak.nothingRead")}>
          {t("leak.nothingReadHelp")}
        </EmptyState>
      ) : (
        <Stack component="ul" className="plain-list" gap="lg">
          {accessKey.readMarketplaces.map((read) => (
            <Group key={read.marketplaceId} component="li" justify="space-between" align="flex-start" gap="sm">
              <div className="line-text">
                <Group gap="xs">
                  {read.renewed ? (
                    <IconCircleCheck size={20} color="var(--mantine-color-green-6)" aria-hidden />
                  ) : (
                    <IconCircle size={20} aria-hidden />
                  )}
                  <Text fw={600} className="break">
                    {read.marketplace
                      ? `${read.marketplace.description} (${providerOf(read.marketplace.provider).name})`
                      : t("leak.removed")}
                  </Text>
                  <Badge color={read.renewed ? "green" : "orange"} variant="light">
                    {t(read.renewed ? "leak.renewed" : "leak.notRenewed")}
                  </Badge>
                  {read.afterRevocation && (
                    <Badge color="red" variant="light">
                      {t("leak.afterRevocation")}
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed">
                  {t("leak.reads", { count: read.count })} · {t("leak.addresses", { count: read.addressCount })} ·{" "}
                  {t("leak.lastRead")} <TimeText value={read.lastAt} as="minute" />
                </Text>
              </div>
              {read.marketplace && !read.renewed && (
                <ButtonLink
                  to="/clientes/$id/produtos/$clientProductId"
                  params={{ id: client.id, clientProductId }}
                  hash="marketplace"
                  size="xs"
                  variant="default"
                  className="no-print"
                  aria-label={t("leak.renewNamed", { name: read.marketplace.description })}
                >
                  {t("leak.renew")}
                </ButtonLink>
              )}
            </Group>
          ))}
        </Stack>
      )}
    </Section>
  );
}

function Done({ children }: { children: React.ReactNode }) {
  return (
    <Group gap="xs">
      <IconCircleCheck size={20} color="var(--mantine-color-green-6)" aria-hidden />
      <Text>{children}</Text>
    </Group>
  );
}
