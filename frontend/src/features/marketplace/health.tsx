import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MarketplaceHealthReason, MarketplaceHealthState } from "@/gql/graphql";

export const healthColors: Record<MarketplaceHealthState, string> = {
  WAITING: "yellow",
  CONNECTED: "green",
  EXPIRING: "orange",
  FAILING: "red",
  NEEDS_ATTENTION: "red",
  SUSPENDED: "red",
  NOT_TESTABLE: "gray",
};

/** The same states as the server's filter hasProblem. */
export const isProblem = (state: MarketplaceHealthState) =>
  state === "FAILING" || state === "NEEDS_ATTENTION" || state === "SUSPENDED";

/** What a person can do: ask the provider again, give new credentials, or have the merchant install. */
export type Remedy = "test" | "replace" | "install";

const remedies: Record<MarketplaceHealthReason, Remedy | undefined> = {
  WAITING_FOR_MERCHANT: "install",
  NOT_CHECKED_YET: "test",
  NO_TEST_AVAILABLE: undefined,
  CHECK_PASSED: undefined,
  RENEWAL_DELAYED: undefined,
  CREDENTIALS_END_SOON: "replace",
  UNREACHABLE: "test",
  PROVIDER_FAULT: "test",
  RATE_LIMITED: undefined,
  CREDENTIALS_EXPIRED: "test",
  PASSWORD_REFUSED: "replace",
  TOKEN_REFUSED: "replace",
  RENEWAL_REFUSED: "replace",
  RENEWAL_LOST: "replace",
  ACCESS_REVOKED: "install",
  SECRETS_LOST: "replace",
  SUSPENDED_BY_PROVIDER: "test",
  RENEWAL_INTERRUPTED: undefined,
  RENEWAL_INCOMPLETE: "replace",
  PROVIDER_INCIDENT: undefined,
  STORE_UNKNOWN: "replace",
};

/** What helps a connection in this state. What came by an install is not typed but installed again. */
export function remedyOf(reason: MarketplaceHealthReason, installable: boolean): Remedy | undefined {
  const remedy = remedies[reason];
  return remedy === "replace" && installable ? "install" : remedy;
}

export function HealthBadge({ state }: { state: MarketplaceHealthState }) {
  const { t } = useTranslation();
  return (
    <Badge color={healthColors[state]} variant="light">
      {t(`health.${state}`)}
    </Badge>
  );
}
