/** A date in the viewer's zone: 24/11/2026, 11/24/2026. */
export const formatDate = (instant: string, language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: "short" }).format(new Date(instant));

/** A day that belongs to no zone, written 2026-11-24. */
export const formatDay = (day: string, language: string) => formatDate(`${day}T12:00:00`, language);

/** An instant in the viewer's zone, to the second, with the zone's name. */
export const formatInstant = (instant: string, language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" }).format(new Date(instant));

/** Date and minute in the viewer's zone. */
export const formatDateTime = (instant: string, language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(new Date(instant));

/** Day and time in the zone of Brasília, in which merchants are told times: the operator's browser may be elsewhere. */
export function formatBrasilia(instant: string, language: string): { date: string; time: string } {
  const form = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: "America/Sao_Paulo" }).format(new Date(instant));
  return {
    date: form(language === "en" ? { day: "numeric", month: "long" } : { day: "2-digit", month: "2-digit" }),
    time: form({ hour: "2-digit", minute: "2-digit", hour12: false }),
  };
}

/** Since when something stands: the time alone when that is today, "10:14". */
export function formatSince(instant: string, language: string, now = new Date()): string {
  const at = new Date(instant);
  return at.toDateString() === now.toDateString()
    ? new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(at)
    : formatDateTime(instant, language);
}

export const formatNumber = (value: number, language: string) => new Intl.NumberFormat(language).format(value);

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How far an instant is from now, in words: "há 5 minutos", "em 3 dias"; a date when more than 30 days away. */
export function formatRelative(instant: string, language: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000);
  if (Math.abs(seconds) > 30 * 86_400) return formatDate(instant, language);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(0, "second");
}

/** A time to wait, in words: "1 minuto e 5 segundos". */
export function formatWait(seconds: number, language: string): string {
  const part = (value: number, unit: "minute" | "second") =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
  const minutes = Math.floor(seconds / 60);
  const parts = [
    ...(minutes > 0 ? [part(minutes, "minute")] : []),
    ...(minutes === 0 || seconds % 60 > 0 ? [part(seconds % 60, "second")] : []),
  ];
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts);
}

/** How long something took, in its two largest units: "2 dias e 3 h", "35 min". */
export function formatMinutes(minutes: number, language: string): string {
  const sizes = [
    ["day", 1440, "long"],
    ["hour", 60, "short"],
    ["minute", 1, "short"],
  ] as const;
  let left = minutes;
  const parts = sizes.flatMap(([unit, size, unitDisplay]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? [new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay }).format(count)] : [];
  });
  if (parts.length === 0)
    parts.push(new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "short" }).format(0));
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts.slice(0, 2));
}

/** A share as a percentage, cut and not rounded, so that what was down for a minute is never at 100 %. */
export const formatShare = (share: number, language: string) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 }).format(
    Math.floor(share * 10_000 + 1e-6) / 10_000,
  );
