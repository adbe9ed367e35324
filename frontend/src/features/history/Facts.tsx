import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Fact } from "@/components/Fact";
import type { FactsFieldsFragment } from "@/gql/graphql";
import { formatMinutes, formatNumber, formatShare } from "@/lib/format";

/** The facts in words, those that there are. */
function useWords() {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const time = (minutes: number) => formatMinutes(minutes, language);
  return (facts: FactsFieldsFragment) => {
    const { availability, downMinutes, incidentMinutes, broke, brokeInIncident, meanMinutesToMend } = facts;
    const { longestMinutes } = facts;
    const times =
      broke > 0 ? t("history.times", { count: broke, number: formatNumber(broke, language) }) : t("history.never");
    return {
      availability: availability === null ? t("history.nothing") : formatShare(availability, language),
      down:
        incidentMinutes > 0
          ? `${time(downMinutes)} (${t("history.inIncident", { time: time(incidentMinutes) })})`
          : time(downMinutes),
      broke: brokeInIncident > 0 ? `${times} (${t("history.brokeInIncident", { count: brokeInIncident })})` : times,
      mean: meanMinutesToMend === null ? "—" : time(meanMinutesToMend),
      longest: longestMinutes > 0 ? time(longestMinutes) : "—",
    };
  };
}

/** The facts of a window as a list of labels and values. */
export function FactList({ facts }: { facts: FactsFieldsFragment }) {
  const { t } = useTranslation();
  const words = useWords()(facts);
  return (
    <dl className="facts">
      <Fact label={t("history.availability")}>{words.availability}</Fact>
      {facts.availability !== null && (
        <>
          <Fact label={t("history.broke")}>{words.broke}</Fact>
          <Fact label={t("history.downLabel")}>{words.down}</Fact>
          <Fact label={t("history.mean")}>{words.mean}</Fact>
          <Fact label={t("history.longest")}>{words.longest}</Fact>
        </>
      )}
    </dl>
  );
}

/** The facts of the last 30 days in one line. */
export function FactLine({ facts }: { facts: FactsFieldsFragment }) {
  const { t } = useTranslation();
  const words = useWords()(facts);
  const { availability, broke, meanMinutesToMend, longestMinutes } = facts;
  if (availability === null) {
    return (
      <Text size="sm" c="dimmed">
        {t("history.lastDays")}: {words.availability}
      </Text>
    );
  }
  const parts = [
    t("history.available", { share: words.availability }),
    broke > 0 ? t("history.brokeLine", { times: words.broke }) : t("history.neverBroke"),
    ...(meanMinutesToMend !== null ? [t("history.meanLine", { time: words.mean })] : []),
    ...(longestMinutes > 0 ? [t("history.longestLine", { time: words.longest })] : []),
  ];
  return (
    <Text size="sm" c="dimmed">
      {t("history.lastDays")}: {parts.join(" · ")}
    </Text>
  );
}
