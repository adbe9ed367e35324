import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MarketplaceHealthState } from "@/gql/graphql";

const colors: Record<MarketplaceHealthState, string> = {
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

export function HealthBadge({ state }: { state: MarketplaceHealthState }) {
  const { t } = useTranslation();
  return (
    <Badge color={colors[state]} variant="light">
      {t(`health.${state}`)}
    </Badge>
  );
}
