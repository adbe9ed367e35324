import { Stack, Text } from "@mantine/core";
import { type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryFieldsFragment } from "@/gql/graphql";
import { formatDate, formatMinutes } from "@/lib/format";
import "./history.css";

type Day = HistoryFieldsFragment["days"][number];

/** The state of a day, or that nothing is known of it. */
const stateOf = ({ worst }: Day) => worst ?? "UNKNOWN";

/** The states of a legend, from the best to the worst. */
const order = [
  "CONNECTED",
  "EXPIRING",
  "WAITING",
  "NOT_TESTABLE",
  "FAILING",
  "SUSPENDED",
  "NEEDS_ATTENTION",
  "UNKNOWN",
] as const;

interface Props {
  days: readonly Day[];
  /** Whose days they are. */
  of: string;
  /** Whether each day with a problem is told under the bar, not only to who opens it. */
  open?: boolean;
}

/**
 * The days of a connection as a bar: each day's worst state, by colour, height and pattern. The day under the pointer is
 * told beside it; for who cannot see or point, the days on which something was wrong are a list.
 */
export function HealthBar({ days, of, open }: Props) {
  const { t } = useTranslation();
  const describe = useDescribe();
  const [pointed, setPointed] = useState<number>();
  const follow = ({ currentTarget, clientX }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setPointed(Math.min(days.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * days.length))));
  };
  const day = pointed === undefined ? undefined : days[pointed];
  const troubled = days.filter(({ downMinutes }) => downMinutes > 0);
  const known = days.filter(({ worst }) => worst);
  const list = (
    <Stack component="ul" className="plain-list" gap={2}>
      {troubled.map((one) => (
        <Text key={one.begins} component="li" size="sm">
          {describe(one)}
        </Text>
      ))}
    </Stack>
  );
  return (
    <Stack gap={6}>
      <div className="health-place">
        <div
          className="health-bar"
          role="img"
          aria-label={t("history.bar", { of, count: troubled.length, known: known.length })}
          onPointerMove={follow}
          onPointerLeave={() => setPointed(undefined)}
        >
          {days.map((one) => (
            <span key={one.begins} className="health-mark" data-state={stateOf(one)} />
          ))}
        </div>
        {day && (
          <div className="health-day" data-after={Number(pointed) >= days.length / 2 || undefined} aria-hidden>
            {describe(day)}
          </div>
        )}
      </div>
      <ul className="health-legend" aria-label={t("history.legend")}>
        {order
          .filter((state) => days.some((one) => stateOf(one) === state))
          .map((state) => (
            <li key={state}>
              <span className="health-mark" data-state={state} aria-hidden />
              {t("history.legendDays", {
                state: t(state === "UNKNOWN" ? "history.unknown" : `health.${state}`),
                count: days.filter((one) => stateOf(one) === state).length,
              })}
            </li>
          ))}
      </ul>
      {troubled.length > 0 &&
        (open ? (
          list
        ) : (
          <details>
            <Text component="summary" size="sm">
              {t("history.days", { count: troubled.length })}
            </Text>
            {list}
          </details>
        ))}
    </Stack>
  );
}

/** Tells a day in words: "12/11/2026: Com falha; fora do ar por 35 min, 20 min pelo incidente do marketplace". */
function useDescribe() {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  return (day: Day) => {
    const state = stateOf(day);
    const parts = [t(state === "UNKNOWN" ? "history.unknown" : `health.${state}`)];
    if (day.downMinutes > 0) parts.push(t("history.down", { time: formatMinutes(day.downMinutes, language) }));
    if (day.incidentMinutes > 0)
      parts.push(t("history.inIncident", { time: formatMinutes(day.incidentMinutes, language) }));
    return `${formatDate(day.begins, language)}: ${parts.join(", ")}`;
  };
}
