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

interface Health {
  state: MarketplaceHealthState;
  reason: MarketplaceHealthReason;
}

/** It waits for the end of an incident of its provider, which the page tells once for all. */
export const waitsForProvider = ({ reason }: Pick<Health, "reason">) => reason === "PROVIDER_INCIDENT";

/** The same as the server's filter hasProblem with exceptIncidents. */
export const isProblem = (health: Health) =>
  !waitsForProvider(health) &&
  (health.state === "FAILING" || health.state === "NEEDS_ATTENTION" || health.state === "SUSPENDED");

/** The reasons that new credentials, got by the software house's own log-in, may mend. */
const mendable: readonly MarketplaceHealthReason[] = [
  "TOKEN_REFUSED",
  "RENEWAL_REFUSED",
  "RENEWAL_LOST",
  "STORE_UNKNOWN",
];

/** Whether the portal itself can get new credentials for a connection: a check of it does. */
export const canReconnect = ({ reason }: Pick<Health, "reason">, mintable: boolean) =>
  mintable && mendable.includes(reason);

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
  HOST_CHANGED: "replace",
  WRONG_SHOP: "replace",
};

/** What helps a connection in this state. What came by an install is not typed but installed again. */
export function remedyOf(reason: MarketplaceHealthReason, installable: boolean): Remedy | undefined {
  const remedy = remedies[reason];
  return remedy === "replace" && installable ? "install" : remedy;
}

export function HealthBadge({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { state } = health;
  if (waitsForProvider(health)) {
    return (
      <Badge color="orange" variant="light">
        {t("health.incident")}
      </Badge>
    );
  }
  return (
    <Badge color={healthColors[state]} variant="light">
      {t(`health.${state}`)}
    </Badge>
  );
}
