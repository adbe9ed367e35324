export const windows = [7, 30, 90, 365];
export const usualDays = 30;

/** How far the page looks ahead, as the address keeps it; the usual window needs no word. */
export const dueSearch = (raw: Record<string, unknown>): { days?: number } => ({
  days: windows.find((window) => window !== usualDays && String(window) === String(raw.days)),
});
