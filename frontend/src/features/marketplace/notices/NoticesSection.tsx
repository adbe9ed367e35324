import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { ErrorAlert } from "@/components/ErrorAlert";
import { AnchorLink } from "@/components/links";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { NoticeFieldsFragment } from "@/gql/graphql";
import { request, useApi } from "@/lib/graphql";
import { providerOf } from "@/providers";
import { CloseProviderNotice, ProviderNotices } from "./api";

/** What providers asked by law (LGPD), for administrators. It is rare: without a notice there is no block. */
export function NoticesSection() {
  const { t } = useTranslation();
  const { data, error, refetch } = useApi(ProviderNotices, {});
  if (!error && !data?.providerNotices.length) return null;
  return (
    <Section title={t("notice.title")} description={t("notice.lead")}>
      {error && <ErrorAlert error={error} onRetry={() => void refetch()} />}
      <Stack component="ul" className="plain-list" gap="md">
        {data?.providerNotices.map((notice) => (
          <Row key={notice.id} notice={notice} />
        ))}
      </Stack>
    </Section>
  );
}

function Row({ notice }: { notice: NoticeFieldsFragment }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const provider = providerOf(notice.provider).name;
  const { accountId, marketplace } = notice;
  const proven = notice.provenAt !== null;

  const close = async () => {
    const agreed = await confirm({
      title: t("notice.closeTitle", { id: accountId }),
      body: t("notice.closeBody"),
      confirm: t("notice.close"),
    });
    if (!agreed) return;
    await run(
      async () => (await request(CloseProviderNotice, { input: { id: notice.id } })).closeProviderNotice,
      t("notice.closed"),
    );
  };

  return (
    <Group component="li" justify="space-between" align="flex-start" gap="sm">
      <div className="line-text">
        {!proven && (
          <Badge variant="light" color="orange">
            {t("notice.unproven")}
          </Badge>
        )}
        <Text>
          {notice.topic !== "store/redact"
            ? notice.topic
            : t(proven ? "notice.storeRedact" : "notice.unprovenRedact", { provider, id: accountId })}
        </Text>
        <Text size="xs" c="dimmed">
          <span className="mono">{notice.topic}</span> · <TimeText value={notice.createdAt} />
        </Text>
        <Text size="sm">
          {!proven ? (
            t("notice.unprovenHelp", { provider })
          ) : marketplace ? (
            <AnchorLink
              to="/clientes/$id/produtos/$clientProductId"
              params={{ id: marketplace.clientProduct.client.id, clientProductId: marketplace.clientProduct.id }}
              inherit
            >
              {marketplace.clientProduct.client.name}: {marketplace.description}
            </AnchorLink>
          ) : (
            t("notice.nothingKept")
          )}
        </Text>
      </div>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconCheck size={15} />}
        loading={pending}
        aria-label={t("notice.closeNamed", { id: accountId })}
        onClick={() => void close()}
      >
        {t("notice.close")}
      </Button>
    </Group>
  );
}
