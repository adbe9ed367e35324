import { Alert, Stack, Text } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { later } from "@/components/later";
import type { IncidentFieldsFragment, Provider } from "@/gql/graphql";
import { isIdle } from "@/lib/activity";
import { formatInstant, formatNumber, formatSince } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { useLiveConnected } from "@/lib/live";
import { providerOf } from "@/providers";
import { OpenIncidents } from "./api";

const WhatToSay = later(() => import("./WhatToSay").then((module) => module.WhatToSay));

/** How often the banner asks by itself while no stream of changes reaches the page. */
const pollMs = 60_000;

interface Props {
  /** Only what concerns these providers; all when absent. */
  of?: readonly Provider[];
}

/**
 * The providers that are in trouble now, in one block in place of an alarm for each connection. Without an incident there
 * is none; that it cannot be read is said by the page's own queries.
 */
export function IncidentBanner({ of }: Props) {
  const { t } = useTranslation();
  const connected = useLiveConnected();
  const { data } = useApi(OpenIncidents, {}, { refetchInterval: () => !connected && !isIdle() && pollMs });
  const open = data?.providerIncidents.edges
    .map(({ node }) => node)
    .filter(({ provider }) => !of || of.includes(provider));
  return (
    <div role="status">
      {open && open.length > 0 && (
        <Alert color="orange" icon={<IconCloudOff />} role="note" mb="lg">
          <Stack gap={6}>
            {open.map((incident) => (
              <Line key={incident.id} incident={incident} />
            ))}
            <Text size="sm">{t("incident.meaning")}</Text>
            {open.map((incident) => (
              <WhatToSay key={incident.id} incident={incident} />
            ))}
          </Stack>
        </Alert>
      )}
    </div>
  );
}

function Line({ incident: { provider, openedAt, affected, connections } }: { incident: IncidentFieldsFragment }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  return (
    <Text size="sm" fw={600} title={formatInstant(openedAt, language)}>
      {t("incident.open", {
        provider: providerOf(provider).name,
        since: formatSince(openedAt, language),
        affected: formatNumber(affected, language),
        total: formatNumber(connections, language),
      })}
    </Text>
  );
}
