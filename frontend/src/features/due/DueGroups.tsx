import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { IconCalendarDue } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { AnchorLink } from "@/components/links";
import { TimeText } from "@/components/TimeText";
import type { DueFieldsFragment } from "@/gql/graphql";
import { formatNumber } from "@/lib/format";
import { useAbilities } from "@/lib/session";
import { providerOf } from "@/providers";
import { groupsOf } from "./groups";

interface Props {
  items: readonly DueFieldsFragment[];
  /** How many of a kind are shown; all when absent. */
  most?: number;
}

/** What ends soon and what nobody uses, by kind. */
export function DueGroups({ items, most }: Props) {
  const { t, i18n } = useTranslation();
  if (items.length === 0) return <EmptyState icon={<IconCalendarDue size={26} />} title={t("due.empty")} />;
  return (
    <Stack gap="lg">
      {groupsOf(items).map(([kind, group]) => (
        <div key={kind}>
          <Title order={3} fz="md" mb="xs">
            {t(`due.kind.${kind}`)}{" "}
            <Text span inherit c="dimmed" fw={400}>
              ({formatNumber(group.length, i18n.language)})
            </Text>
          </Title>
          <Stack component="ul" className="plain-list" gap="sm">
            {group.slice(0, most).map((item) => (
              <Line
                key={`${item.marketplace?.id ?? item.accessKey?.id ?? item.operator?.id ?? item.provider ?? ""} ${item.at}`}
                item={item}
              />
            ))}
          </Stack>
          {kind === "ACCESS_KEY_UNUSED" && (
            <AnchorLink to="/chaves" search={{ neverUsed: true, inForce: true }} size="sm">
              {t("due.seeUnused")}
            </AnchorLink>
          )}
        </div>
      ))}
    </Stack>
  );
}

function Line({ item }: { item: DueFieldsFragment }) {
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="xs">
      <div className="line-text">
        <What item={item} />
        <Text size="sm" c="dimmed">
          {item.message}
        </Text>
      </div>
      <When item={item} />
    </Group>
  );
}

/** Whose and what it is, as a link to where it is put right. */
function What({ item: { kind, client, marketplace, accessKey, operator, provider } }: { item: DueFieldsFragment }) {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  const thing = marketplace ?? accessKey;
  if (client && thing) {
    return (
      <AnchorLink
        to="/clientes/$id/produtos/$clientProductId"
        params={{ id: client.id, clientProductId: thing.clientProduct.id }}
        className="break"
      >
        {client.name}: {marketplace?.description ?? accessKey?.name}
      </AnchorLink>
    );
  }
  if (operator || kind === "KEYS_FOR_MANY_SHOPS") {
    return <AnchorLink to="/operadores">{operator?.name ?? t("due.serviceToken")}</AnchorLink>;
  }
  const place = [t("due.installation"), provider && providerOf(provider).name].filter(Boolean).join(": ");
  return administer ? <AnchorLink to="/configuracoes">{place}</AnchorLink> : <Text>{place}</Text>;
}

/** Red when it is over, more pressing the nearer the end; what has no end has only a beginning. */
function When({ item: { at, withinDays } }: { item: DueFieldsFragment }) {
  const { t } = useTranslation();
  if (withinDays === null) {
    return (
      <Text size="sm" c="dimmed" className="nowrap">
        {t("due.since")} <TimeText value={at} as="date" />
      </Text>
    );
  }
  const color = withinDays <= 0 ? "red" : withinDays <= 1 ? "orange" : withinDays <= 7 ? "yellow" : "gray";
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge color={color} variant="light">
        {withinDays <= 0 && `${t("due.over")} `}
        <TimeText value={at} />
      </Badge>
      <Text size="sm" c="dimmed" className="nowrap">
        <TimeText value={at} as="date" />
      </Text>
    </Group>
  );
}
