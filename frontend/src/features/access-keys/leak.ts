import type { LeakedKeyQuery } from "@/gql/graphql";

export type LeakedKeyData = Extract<NonNullable<LeakedKeyQuery["node"]>, { readMarketplaces: unknown }>;

/** Since when the key is in wrong hands, as the address keeps it: a day of the viewer's zone; since it was made when absent. */
export const leakSearch = (raw: Record<string, unknown>): { since?: string } => ({
  since: typeof raw.since === "string" && /^\d{4}-\d{2}-\d{2}$/.test(raw.since) ? raw.since : undefined,
});

export function sinceOf(day?: string): string | undefined {
  const instant = new Date(`${day}T00:00`);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** How many steps are left: to revoke the key, and to renew what it has read. */
export const remaining = ({ revokedAt, readMarketplaces }: LeakedKeyData) =>
  (revokedAt ? 0 : 1) + readMarketplaces.filter(({ renewed }) => !renewed).length;
