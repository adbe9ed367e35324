import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { IncidentFieldsFragment, MarketplaceHealthReason } from "@/gql/graphql";
import { formatNumber } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { providerOf } from "@/providers";
import { IncidentHistory as History } from "./api";

const few = 5;
/** The most that the server gives at once. */
const most = 100;

/** When providers were in trouble, the newest first. */
export function IncidentHistory() {
  const { t } = useTranslation();
  const [first, setFirst] = useState(few);
  const history = useApi(History, { first }, { placeholderData: keepPreviousData });
  return (
    <Section title={t("incident.title")} description={t("incident.lead")}>
      <QueryView query={history}>
        {({ providerIncidents: { edges, totalCount } }) =>
          edges.length === 0 ? (
            <EmptyState icon={<IconCircleCheck size={26} />} title={t("incident.none")} />
          ) : (
            <>
              <Stack component="ul" className="plain-list" gap="md">
                {edges.map(({ node }) => (
                  <Row key={node.id} incident={node} />
                ))}
              </Stack>
              {first === few && totalCount > few && (
                <Group>
                  <Button variant="default" size="xs" onClick={() => setFirst(most)}>
                    {t("incident.more")}
                  </Button>
                </Group>
              )}
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function Row({ incident }: { incident: IncidentFieldsFragment }) {
  const { t, i18n } = useTranslation();
  const { provider, openedAt, closedAt, affected, connections, evidence } = incident;
  return (
    <li>
      <Group gap="xs">
        <Text fw={600}>{providerOf(provider).name}</Text>
        {!closedAt && (
          <Badge color="orange" variant="light">
            {t("incident.goesOn")}
          </Badge>
        )}
      </Group>
      <Text size="sm">
        <TimeText value={openedAt} as="minute" />
        {closedAt && (
          <>
            {` ${t("incident.until")} `}
            <TimeText value={closedAt} as="minute" />
          </>
        )}
        {" · "}
        {t("incident.affected", {
          affected: formatNumber(affected, i18n.language),
          total: formatNumber(connections, i18n.language),
        })}
      </Text>
      {evidence && (
        <Text size="xs" c="dimmed" className="break">
          {evidence.replace(/[A-Z_]+(?=: \d)/g, (reason) =>
            t(`audit.value.reason.${reason as MarketplaceHealthReason}`, { defaultValue: reason }),
          )}
        </Text>
      )}
    </li>
  );
}
