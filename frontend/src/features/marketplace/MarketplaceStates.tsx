import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MarketplaceHealthReason, MarketplaceHealthState, Provider } from "@/gql/graphql";
import { providerOf } from "@/providers";
import { HealthBadge, waitsForProvider } from "./health";

interface Props {
  marketplaces: readonly {
    id: string;
    provider: Provider;
    health: { state: MarketplaceHealthState; reason: MarketplaceHealthReason };
  }[];
}

/** The state of the worst connection of a client, and under it how many others there are in which state. */
export function MarketplaceStates({ marketplaces }: Props) {
  const { t } = useTranslation();
  const [worst, ...others] = [...marketplaces].sort((a, b) => rank(a.health) - rank(b.health));
  if (!worst) {
    return (
      <Text span c="dimmed" size="sm">
        {t("client.noMarketplaces")}
      </Text>
    );
  }
  const counts = new Map<string, number>();
  for (const { health } of others) {
    const text = waitsForProvider(health) ? t("health.incident") : t(`health.${health.state}`);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const rest = [...counts].map(([text, count]) => `${count} ${text}`).join(", ");
  return (
    <>
      <span className="line">
        <span className="cut">{providerOf(worst.provider).name}</span>
        <HealthBadge health={worst.health} />
      </span>
      {rest && (
        <span className="under cut" title={rest}>
          {t("client.otherMarketplaces", { states: rest })}
        </span>
      )}
    </>
  );
}

const order: readonly MarketplaceHealthState[] = [
  "NEEDS_ATTENTION",
  "FAILING",
  "SUSPENDED",
  "WAITING",
  "EXPIRING",
  "NOT_TESTABLE",
  "CONNECTED",
];

/** Worst first; what waits for the end of an incident needs nothing of anybody here. */
const rank = (health: Props["marketplaces"][number]["health"]) =>
  waitsForProvider(health) ? order.indexOf("WAITING") - 0.5 : order.indexOf(health.state);
