import { useTranslation } from "react-i18next";
import { ReadyMessage } from "@/components/ReadyMessage";
import type { IncidentFieldsFragment } from "@/gql/graphql";
import { formatSince } from "@/lib/format";
import { providerOf } from "@/providers";
import { hello } from "../tell";

/** The sentence for whoever calls about a provider that is down. */
export function WhatToSay({ incident: { provider: id, openedAt } }: { incident: IncidentFieldsFragment }) {
  const { t, i18n } = useTranslation();
  const provider = providerOf(id).name;
  const text = `${hello(t)}\n\n${t("tell.incidentSay", { provider, since: formatSince(openedAt, i18n.language) })}`;
  return (
    <ReadyMessage
      title={t("tell.incidentWhatToSay", { provider })}
      subject={t("tell.incidentSaySubject", { provider })}
      text={text}
    />
  );
}
