/** The viewer's day so many days from now, in the form of a date field: 2026-11-24. */
export function dayAhead(days: number, now = new Date()): string {
  const day = new Date(now);
  day.setDate(day.getDate() + days);
  return new Intl.DateTimeFormat("sv-SE").format(day);
}

/** The last instant of a day (2026-11-24) in the viewer's zone. */
export const endOfDay = (day: string) => new Date(`${day}T23:59:59.999`).toISOString();
