import { useTranslation } from "react-i18next";
import { formatDate, formatDateTime, formatInstant, formatRelative } from "@/lib/format";

interface Props {
  value: string;
  /** `relative`: "há 5 minutos"; `date`: the day; `minute`: day and minute. */
  as?: "relative" | "date" | "minute";
}

const forms = { relative: formatRelative, date: formatDate, minute: formatDateTime };

/** An instant in the viewer's zone; the exact time shows on hover, and paper has the date in place of "há 5 minutos". */
export function TimeText({ value, as = "relative" }: Props) {
  const { i18n } = useTranslation();
  return (
    <time
      dateTime={value}
      title={formatInstant(value, i18n.language)}
      data-printed={as === "relative" ? formatDateTime(value, i18n.language) : undefined}
    >
      <span>{forms[as](value, i18n.language)}</span>
    </time>
  );
}
