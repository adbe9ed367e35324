import type { LeakedKeyQuery } from "@/gql/graphql";
import { dayForm } from "@/lib/day";

export type LeakedKeyData = Extract<NonNullable<LeakedKeyQuery["node"]>, { readMarketplaces: unknown }>;

/** Since when the key is in wrong hands, as the address keeps it: a day of the viewer's zone; since it was made when absent. */
export const leakSearch = (raw: Record<string, unknown>): { since?: string } => ({
  since: typeof raw.since === "string" && dayForm.test(raw.since) ? raw.since : undefined,
});

/** How many steps are left: to revoke the key, and to renew what it has read. */
export const remaining = ({ revokedAt, readMarketplaces }: LeakedKeyData) =>
  (revokedAt ? 0 : 1) + readMarketplaces.filter(({ renewed }) => !renewed).length;
