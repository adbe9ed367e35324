import { type Place, readPlace } from "@/components/listPage";
import type { AuditEventFilter } from "@/gql/graphql";
import { dayForm, startOfDay } from "@/lib/day";

/** What the trail is narrowed by, as the address keeps it. Days are of the viewer's zone, both included. */
export interface AuditSearch extends Place {
  client?: string;
  operator?: string;
  key?: string;
  action?: string;
  from?: string;
  to?: string;
}

/** Reads the filters of the address; what is not understood is dropped. */
export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  const text = (name: string, form: RegExp) => {
    const value = raw[name];
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const id = (prefix: string) => new RegExp(`^${prefix}_[0-9a-v]{1,40}$`);
  return {
    client: text("client", id("cli")),
    operator: text("operator", id("opr")),
    key: text("key", id("key")),
    action: text("action", /^[a-z_.]{1,60}$/),
    from: text("from", dayForm),
    to: text("to", dayForm),
    ...readPlace(raw),
  };
}

/** The filter of the API for what the address says. */
export function filterOf({ client, operator, key, action, from, to }: AuditSearch): AuditEventFilter {
  const filter: AuditEventFilter = {
    clientId: client,
    operatorId: operator,
    accessKeyId: key,
    action,
    since: from && startOfDay(from),
    until: to && startOfDay(to, 1),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
