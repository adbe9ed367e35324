import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconDeviceDesktop } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { OperatorSessionFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { EndOtherSessions, EndSession } from "./api";

/** Where the operator is logged in, and how to end that. */
export function SessionSection({ sessions }: { sessions: OperatorSessionFieldsFragment[] }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const endOthers = async () => {
    const agreed = await confirm({
      title: t("sessions.endOthersTitle"),
      body: t("sessions.endOthersBody"),
      confirm: t("sessions.endOthers"),
      destroys: true,
    });
    if (!agreed) return;
    await run(async () => (await request(EndOtherSessions, {})).endOtherSessions, t("sessions.othersEnded"));
  };
  return (
    <Section
      title={t("sessions.title")}
      description={t("sessions.lead")}
      actions={
        sessions.length > 1 && (
          <Button variant="default" size="xs" loading={pending} onClick={() => void endOthers()}>
            {t("sessions.endOthers")}
          </Button>
        )
      }
    >
      <Stack component="ul" className="plain-list" gap="md">
        {sessions.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </Stack>
    </Section>
  );
}

function Row({ session }: { session: OperatorSessionFieldsFragment }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const unknown = t("sessions.unknown");
  const name = (session.lastBrowser ?? session.browser) || unknown;
  const address = session.lastAddress ?? session.address;
  const elsewhere = address !== session.address || name !== (session.browser || unknown);
  const end = async () => {
    const agreed = await confirm({
      title: t("sessions.endTitle"),
      body: t("sessions.endBody", { name, address }),
      confirm: t("sessions.end"),
      destroys: true,
    });
    if (!agreed) return;
    await run(async () => (await request(EndSession, { input: { id: session.id } })).endSession, t("sessions.ended"));
  };
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="xs">
      <Group gap="sm" wrap="nowrap" className="line-text" align="flex-start">
        <IconDeviceDesktop className="row-icon" size={22} stroke={1.6} aria-hidden />
        <div>
          <Group gap="xs">
            <Text>{name}</Text>
            {session.current && (
              <Badge variant="light" color="green">
                {t("sessions.current")}
              </Badge>
            )}
            {session.movedAt && (
              <Badge variant="light" color="red">
                {t("sessions.moved")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            <span className="mono">{address}</span>
            {" · "}
            {t("sessions.since")} <TimeText value={session.createdAt} as="minute" />
            {" · "}
            {t("myAccount.lastUsed")} <TimeText value={session.lastUsedAt} />
          </Text>
          {elsewhere && (
            <Text size="sm" c="dimmed">
              {t("sessions.began", { name: session.browser || unknown, address: session.address })}
            </Text>
          )}
          {session.movedAt && <Text size="sm">{t("sessions.movedBody")}</Text>}
        </div>
      </Group>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          loading={pending}
          aria-label={t("sessions.endNamed", { name, address })}
          onClick={() => void end()}
        >
          {t("sessions.end")}
        </Button>
      )}
    </Group>
  );
}
