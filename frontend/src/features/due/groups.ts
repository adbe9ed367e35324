import type { DueFieldsFragment, DueKind } from "@/gql/graphql";

/** What is due, kind by kind; the server's order, most urgent first, stays in each and between them. */
export function groupsOf(items: readonly DueFieldsFragment[]): [DueKind, DueFieldsFragment[]][] {
  const groups = new Map<DueKind, DueFieldsFragment[]>();
  for (const item of items) {
    const group = groups.get(item.kind);
    if (group) group.push(item);
    else groups.set(item.kind, [item]);
  }
  return [...groups];
}
