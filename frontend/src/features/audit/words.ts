import type { TFunction } from "i18next";
import i18n from "i18next";
import type { AuditEventFieldsFragment } from "@/gql/graphql";
import { formatDocument } from "@/lib/document";
import { formatDateTime, formatDay } from "@/lib/format";
import { providers } from "@/providers";
import { providerFieldText } from "@/providers/texts";

/** Beginnings of actions that the page offers as a filter. */
export const actionGroups = [
  "client.",
  "client_contact.",
  "client_note.",
  "client_product.",
  "marketplace.",
  "access_key.",
  "credentials.read",
  "install",
  "session.",
  "account.",
  "operator.",
  "service_token.",
  "product.",
  "provider.",
  "incident.",
  "notice.",
  "access.",
  "portal.",
  "keyset.",
  "signing_key.",
  "master_key.",
  "audit.",
] as const;

const slug = (action: string) => action.replaceAll(".", "-");

/** What was done, in words; the name of the action when the page does not know it. */
export function actionText(t: TFunction, action: string): string {
  const key = `audit.action.${slug(action)}`;
  return i18n.exists(key) ? t(key as never) : action;
}

export function groupText(t: TFunction, group: string): string {
  const key = `audit.group.${group.replace(/\.$/, "").replaceAll(".", "-")}`;
  return i18n.exists(key) ? t(key as never) : group;
}

export function fieldText(t: TFunction, field: string): string {
  const key = `audit.field.${field}`;
  return i18n.exists(key) ? t(key as never) : (providerFieldText(t, field) ?? field);
}

/** What a value is called on the page; the value itself where the page has no word for it. */
function valueText(t: TFunction, field: string, value: string): string {
  if (field === "document") return formatDocument(value);
  if (field === "provider") return providers.find(({ id }) => id === value)?.name ?? value;
  if (field === "methods")
    return value
      .split(" ")
      .map((one) => wordOf(t, "methods", one))
      .join(" + ");
  return wordOf(t, field, value);
}

function wordOf(t: TFunction, field: string, value: string): string {
  if (!/^\w+$/.test(value)) return value;
  const key = [`audit.value.${field}.${value}`, ...(homes[field] ?? []).map((home) => `${home}.${value}`)].find((key) =>
    i18n.exists(key),
  );
  return key ? t(key as never) : value;
}

/** Where the words of a field's values are that other pages say too. */
const homes: Record<string, string[] | undefined> = {
  state: ["health"],
  role: ["role"],
  capabilities: ["capability"],
};

const day = /^\d{4}-\d\d-\d\d$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** One line of a difference: a name, and what it was and became, each null when it was nothing. */
export interface Difference {
  field: string;
  from: string | null;
  to: string | null;
  /** Nothing is told of it but that it was changed, as of a secret. */
  hidden: boolean;
}

type Change = AuditEventFieldsFragment["changes"][number];

/** The differences of an event: an object, such as the settings of a marketplace, becomes one line for each member that differs. */
export function differencesOf(t: TFunction, changes: readonly Change[], language: string): Difference[] {
  const show = (field: string, value: unknown): string | null => {
    if (value === null || value === undefined || value === "") return null;
    if (typeof value === "string") {
      if (day.test(value)) return formatDay(value, language);
      return instant.test(value) ? formatDateTime(value, language) : valueText(t, field, value);
    }
    if (Array.isArray(value)) return value.map((member) => show(field, member) ?? "—").join(", ");
    return JSON.stringify(value);
  };
  return changes.flatMap(({ field, old, new: next }) => {
    if (field === "sums") return []; // hashes, which say nothing to a person
    const before = parse(old);
    const after = parse(next);
    if (isObject(before) || isObject(after)) {
      const one = isObject(before) ? before : {};
      const other = isObject(after) ? after : {};
      return [...new Set([...Object.keys(one), ...Object.keys(other)])]
        .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
        .map((name) => line(`${field}.${name}`, show(name, one[name]), show(name, other[name])));
    }
    if (before === null && after === "") return []; // a text that was left empty is no difference
    const hidden = old === null && next === null;
    if (hidden && field === "expiresAt") return []; // no secret: it has no end
    return [{ ...line(field, show(field, before), show(field, after)), hidden }];
  });
}

const line = (field: string, from: string | null, to: string | null): Difference => ({
  field,
  from,
  to,
  hidden: false,
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Texts are told as they are, everything else as JSON. */
function parse(text: string | null): unknown {
  if (text === null || !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
