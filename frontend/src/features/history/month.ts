/** A month as the address writes it: 2026-11. */
export type Month = string;

const form = /^\d{4}-(0[1-9]|1[0-2])$/;

/** The month of an instant in the viewer's zone. */
export const monthOf = (at: Date): Month => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}`;

const beginOf = (month: Month, later = 0) => {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(year, number - 1 + later, 1);
};

/** The ends of a month in the viewer's zone. */
export const endsOf = (month: Month) => ({ from: beginOf(month).toISOString(), to: beginOf(month, 1).toISOString() });

/** How many months are kept beside the one that goes on: 400 days. */
const kept = 12;

/** The months that can be asked for, the newest first. */
export function months(now = new Date()): Month[] {
  return Array.from({ length: kept + 1 }, (_, back) => monthOf(new Date(now.getFullYear(), now.getMonth() - back, 1)));
}

/** The month of the address; absent is the one that goes on. */
export const monthSearch = (raw: Record<string, unknown>): { mes?: Month } => ({
  mes: typeof raw.mes === "string" && form.test(raw.mes) ? raw.mes : undefined,
});

/** "novembro de 2026" */
export const formatMonth = (month: Month, language: string) =>
  new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }).format(beginOf(month));
