import type { QueryKey } from "@tanstack/react-query";
import { OwnAccount } from "@/features/account/api";
import { Client, Clients, TagsInUse } from "@/features/clients/api";
import { Due } from "@/features/due/api";
import { ClientHistory, ProductHistory } from "@/features/history/api";
import { IncidentHistory, OpenIncidents } from "@/features/marketplace/incidents/api";
import { InstallationTargets, UnclaimedInstallations } from "@/features/marketplace/installations/api";
import { Operators } from "@/features/operators/api";
import { ClientProduct, Products } from "@/features/products/api";
import { zone } from "@/lib/day";
import { queryKeyOf } from "@/lib/graphql";
import type { Change } from "@/lib/live";
import { Home } from "@/routes/home";

interface Touched {
  /** Of the one thing that changed. */
  ones: QueryKey[];
  /** Of lists and counts that it may be part of. */
  lists: QueryKey[];
}

/** The queries that have an object of the house, by the beginning of its id. */
const ownersOf: Record<string, QueryKey[]> = {
  prd: [queryKeyOf(Products)],
  opr: [queryKeyOf(Operators), queryKeyOf(OwnAccount)],
};

/** The queries whose answers a change may have made old. */
export function queriesTouchedBy({ topic, clientId, clientProductId, objectId }: Change): Touched {
  const ones = [
    ...(clientProductId ? [queryKeyOf(ClientProduct, { id: clientProductId })] : []),
    ...(clientId ? [queryKeyOf(Client, { id: clientId })] : []),
  ];
  switch (topic) {
    case "MARKETPLACE":
      return {
        ones: [
          ...ones,
          ...(clientProductId ? [queryKeyOf(ProductHistory, { id: clientProductId, zone: zone() })] : []),
          ...(clientId ? [queryKeyOf(ClientHistory, { id: clientId, zone: zone() })] : []),
        ],
        lists: [queryKeyOf(Clients), queryKeyOf(Home), queryKeyOf(Due), queryKeyOf(InstallationTargets)],
      };
    // Keys are used all the time: no list and no count is read again for that.
    case "ACCESS_KEY_USED":
      return { ones, lists: [] };
    case "INSTALLATIONS":
      return { ones: [queryKeyOf(UnclaimedInstallations)], lists: [] };
    case "INCIDENTS":
      return {
        ones: [queryKeyOf(OpenIncidents)],
        lists: [queryKeyOf(IncidentHistory), queryKeyOf(Clients), queryKeyOf(Home)],
      };
    case "EDITED":
      return {
        ones: [...ones, ...(ownersOf[objectId?.slice(0, 3) ?? ""] ?? [])],
        lists: objectId?.startsWith("cli_") ? [queryKeyOf(Clients), queryKeyOf(TagsInUse)] : [],
      };
    case "RESYNC":
      return { ones: [], lists: [[]] };
  }
}
