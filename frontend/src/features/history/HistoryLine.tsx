import { Skeleton, Stack } from "@mantine/core";
import type { HistoryFieldsFragment } from "@/gql/graphql";
import { zone } from "@/lib/day";
import { useApi } from "@/lib/graphql";
import { ClientHistory, ProductHistory } from "./api";
import { FactLine } from "./Facts";
import { HealthBar } from "./HealthBar";

interface Props {
  clientProductId: string;
  marketplaceId: string;
  /** Name of the connection. */
  of: string;
}

/** The last 30 days of a connection. All rows of a product share one request. */
export function ConnectionHistory({ clientProductId, marketplaceId, of }: Props) {
  const { data, isError } = useApi(ProductHistory, { id: clientProductId, zone: zone() });
  const owned = data?.node && "marketplaces" in data.node ? data.node.marketplaces : undefined;
  const history = owned?.find(({ id }) => id === marketplaceId)?.history;
  return <Line history={history} waits={!data && !isError} of={of} />;
}

/** The last 30 days of all connections of a client together. */
export function ClientHistoryLine({ id, of }: { id: string; of: string }) {
  const { data, isError } = useApi(ClientHistory, { id, zone: zone() });
  return <Line history={data?.client?.history} waits={!data && !isError} of={of} />;
}

/** What cannot be read is left out: the page has its own queries, which say why. */
function Line({ history, waits, of }: { history?: HistoryFieldsFragment; waits: boolean; of: string }) {
  if (waits) return <Skeleton height={76} radius="sm" />;
  if (!history) return null;
  return (
    <Stack gap={6}>
      <FactLine facts={history.facts} />
      <HealthBar days={history.days} of={of} />
    </Stack>
  );
}
