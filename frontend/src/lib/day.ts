/** The viewer's day so many days from now, in the form of a date field: 2026-11-24. */
export function dayAhead(days: number, now = new Date()): string {
  const day = new Date(now);
  day.setDate(day.getDate() + days);
  return new Intl.DateTimeFormat("sv-SE").format(day);
}

/** The form of a day, as a date field gives it. */
export const dayForm = /^\d{4}-\d{2}-\d{2}$/;

/** The first instant of a day (2026-11-24), or of one some days later, in the viewer's zone; undefined of what is no day. */
export function startOfDay(day?: string, later = 0): string | undefined {
  const instant = new Date(`${day}T00:00`);
  instant.setDate(instant.getDate() + later);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** The last instant of a day (2026-11-24) in the viewer's zone. */
export const endOfDay = (day: string) => new Date(`${day}T23:59:59.999`).toISOString();

/** The viewer's zone, by its name in the IANA database. */
export const zone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;
