import type { InstallationTargetsQuery, Provider } from "@/gql/graphql";

type Product = NonNullable<InstallationTargetsQuery["client"]>["products"][number];

/** Where an installation can go: a marketplace that waits for its merchant, or a new one in a client's product. */
export type Target =
  | { kind: "marketplace"; id: string; name: string; product: string }
  | { kind: "clientProduct"; id: string; product: string };

/** The places for an installation of a provider, the one that is most likely meant first. */
export function targetsOf(products: readonly Product[], provider: Provider): Target[] {
  const open = products.filter(
    ({ suspendedAt, product }) => !suspendedAt && product.capabilities.includes("MARKETPLACES"),
  );
  const waiting = open.flatMap(({ product, marketplaces }) =>
    marketplaces
      .filter(
        (marketplace) => marketplace.provider === provider && marketplace.health.reason === "WAITING_FOR_MERCHANT",
      )
      .map(({ id, description }): Target => ({ kind: "marketplace", id, name: description, product: product.name })),
  );
  return [...waiting, ...open.map(({ id, product }): Target => ({ kind: "clientProduct", id, product: product.name }))];
}
