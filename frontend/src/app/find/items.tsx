import { Badge } from "@mantine/core";
import { type Icon, IconKey, IconList, IconPlus, IconTerminal2, IconUser, IconUserCog } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { BaitBadge } from "@/features/access-keys/Bait";
import { isInForce, KeyStatusBadge } from "@/features/access-keys/KeyStatus";
import { HealthBadge, isProblem } from "@/features/marketplace/health";
import type {
  FindQuery,
  FoundAccessKeyFragment,
  FoundClientFragment,
  FoundMarketplaceFragment,
  RecentsQuery,
} from "@/gql/graphql";
import { checkDocument, formatDocument, tellsCPF } from "@/lib/document";
import { plain } from "@/lib/plain";
import { providerOf } from "@/providers";
import type { Target, Way } from "./pages";

/** A line of the box. */
export interface Item {
  id: string;
  label: string;
  detail?: string;
  icon: Icon;
  /** Its state, beside the name. */
  mark?: ReactNode;
  target: Target;
}

export interface FoundGroup {
  key: string;
  label: string;
  items: Item[];
}

type Found = FindQuery["find"];
type Intent = "newKey" | "test";

/** Whether a text is, or begins as, the visible part of a key or a service token. */
export const looksLikeKey = (text: string) => /^\s*chv_[a-z]{4}_/.test(text);

/** What a text asks to be done, and with what: "nova chave para padaria". */
export function readIntent(t: TFunction, text: string): { kind: Intent; rest: string } | undefined {
  const words = plain(text);
  for (const kind of ["newKey", "test"] as const) {
    for (const phrase of t(`find.intent.${kind}`).split(", ")) {
      const begin = `${plain(phrase)} `;
      if (words.startsWith(begin)) return { kind, rest: text.slice(begin.length).trim() };
    }
  }
  return undefined;
}

interface Options {
  text: string;
  intent?: Intent;
  write: boolean;
  administer: boolean;
}

/** What a text has found, by kind, with the way to the rest and what can be done with it. */
export function foundGroups(t: TFunction, found: Found, options: Options): FoundGroup[] {
  const { text, intent, write } = options;
  const { clients, marketplaces, accessKeys, operators, serviceTokens } = found;
  const newKeys = write ? clients.nodes.flatMap((client) => newKeyFor(t, client) ?? []) : [];
  const tests = write ? marketplaces.nodes.map((marketplace) => testOf(t, marketplace)) : [];
  if (intent) return [{ key: "actions", label: t("find.actions"), items: intent === "newKey" ? newKeys : tests }];

  const all: Omit<Way, "to"> = tellsCPF(text) ? { state: { sought: text } } : { search: { q: text } };
  const rest = (to: "/clientes" | "/chaves", more: boolean): Item[] =>
    more ? [{ id: `all-${to.slice(1)}`, label: t("find.all"), icon: IconList, target: { to: { to, ...all } } }] : [];
  const keys = {
    key: "keys",
    label: t("nav.accessKeys"),
    items: [...accessKeys.nodes.map((key) => keyItem(t, key)), ...rest("/chaves", accessKeys.more)],
  };
  const groups = [
    {
      key: "clients",
      label: t("nav.clients"),
      items: [...clients.nodes.map((client) => clientItem(t, client)), ...rest("/clientes", clients.more)],
    },
    {
      key: "marketplaces",
      label: t("find.marketplaces"),
      items: marketplaces.nodes.map((marketplace) => marketplaceItem(marketplace)),
    },
    keys,
    {
      key: "operators",
      label: t("nav.operators"),
      items: operators.nodes.map(({ id, name, email, status }) => ({
        id,
        label: name,
        detail: email,
        icon: IconUserCog,
        mark: status === "ACTIVE" ? undefined : <Mark color="gray">{t(`operator.status.${status}`)}</Mark>,
        target: { to: { to: "/operadores" } },
      })),
    },
    {
      key: "tokens",
      label: t("serviceToken.title"),
      items: serviceTokens.nodes.map(({ id, name, visiblePart, last4, revokedAt, expiresAt }) => {
        const state = revokedAt ? "REVOKED" : Date.parse(expiresAt) <= Date.now() ? "EXPIRED" : "ACTIVE";
        return {
          id,
          label: name,
          detail: `${visiblePart}…${last4}`,
          icon: IconTerminal2,
          mark: <Mark color={state === "ACTIVE" ? "green" : "gray"}>{t(`serviceToken.state.${state}`)}</Mark>,
          target: { to: { to: "/operadores", search: { tokens: true } } },
        };
      }),
    },
    {
      key: "actions",
      label: t("find.actions"),
      items: [
        ...(newKeys.length === 1 && clients.nodes.length === 1 ? newKeys : []),
        ...(tests.length === 1 ? tests : []),
        ...newClient(t, options, clients.nodes.length > 0),
      ],
    },
  ];
  return looksLikeKey(text) ? [keys, ...groups.filter((group) => group !== keys)] : groups;
}

/** The line of something that was opened lately. */
export function itemOf(t: TFunction, node: NonNullable<RecentsQuery["nodes"][number]>): Item | undefined {
  switch (node.__typename) {
    case "Client":
      return clientItem(t, node);
    case "Marketplace":
      return marketplaceItem(node);
    case "AccessKey":
      return keyItem(t, node);
    default:
      return undefined;
  }
}

function clientItem(t: TFunction, client: FoundClientFragment): Item {
  const { id, name, tradeName, documentFormatted, archivedAt, products } = client;
  const health = products.flatMap(({ marketplaces }) => marketplaces).map((marketplace) => marketplace.health);
  const mark = archivedAt ? (
    <Mark color="gray">{t("client.archived")}</Mark>
  ) : health.some(isProblem) ? (
    <Mark color="red">{t("client.problem")}</Mark>
  ) : health.some(({ state }) => state === "WAITING") ? (
    <Mark color="yellow">{t("health.WAITING")}</Mark>
  ) : undefined;
  return {
    id,
    label: name,
    detail: [tradeName, documentFormatted].filter(Boolean).join(" · "),
    icon: IconUser,
    mark,
    target: { to: { to: "/clientes/$id", params: { id } } },
  };
}

function marketplaceItem({ id, provider, description, health, clientProduct }: FoundMarketplaceFragment): Item {
  const { name, icon } = providerOf(provider);
  return {
    id,
    label: description,
    detail: `${name} · ${clientProduct.client.name}`,
    icon,
    mark: <HealthBadge health={health} />,
    target: { to: pageOf(clientProduct, { hash: "marketplace", state: { opened: id } }) },
  };
}

function keyItem(t: TFunction, key: FoundAccessKeyFragment): Item {
  const { id, name, visiblePart, last4, status, lastUsedAt, clientProduct } = key;
  return {
    id,
    label: `${clientProduct.client.name} · ${name}`,
    detail: `${visiblePart}…${last4}`,
    icon: IconKey,
    mark: (
      <>
        {isInForce(key) && !lastUsedAt && <Mark color="gray">{t("accessKey.neverUsed")}</Mark>}
        {clientProduct.client.archivedAt && <Mark color="gray">{t("client.archived")}</Mark>}
        <KeyStatusBadge status={status} />
        <BaitBadge of={key} />
      </>
    ),
    target: { to: pageOf(clientProduct, { hash: "chaves", state: { opened: id } }) },
  };
}

/** What makes a key for a client that may have one now; undefined when another step comes first. */
function newKeyFor(t: TFunction, { id, name, archivedAt, products }: FoundClientFragment): Item | undefined {
  const able = products.find(
    ({ suspendedAt, product, marketplaces }) =>
      !suspendedAt && product.capabilities.includes("ACCESS_KEYS") && marketplaces.length > 0,
  );
  if (archivedAt || !able) return undefined;
  return {
    id: `new-key-${id}`,
    label: t("find.newKeyFor", { name }),
    icon: IconPlus,
    target: { to: pageOf({ id: able.id, client: { id } }, { hash: "chaves", state: { begin: "key" } }) },
  };
}

function testOf(t: TFunction, { id, provider, description, clientProduct }: FoundMarketplaceFragment): Item {
  return {
    id: `test-${id}`,
    label: t("find.testOf", { name: description, client: clientProduct.client.name }),
    icon: providerOf(provider).icon,
    target: { to: pageOf(clientProduct, { hash: "marketplace", state: { opened: id, begin: `test ${id}` } }) },
  };
}

/** A new client with the document that was typed, when nobody has it. */
function newClient(t: TFunction, { text, write }: Options, known: boolean): Item[] {
  const { kind, problem } = checkDocument(text);
  if (!write || known || !kind || problem) return [];
  const document = formatDocument(text);
  return [
    {
      id: "new-client",
      label: t("find.newClientWith", { kind, document }),
      icon: IconPlus,
      target: { to: { to: "/clientes", search: { add: true }, state: { document } } },
    },
  ];
}

function pageOf({ id, client }: { id: string; client: { id: string } }, more: Pick<Way, "hash" | "state">): Way {
  const to = "/clientes/$id/produtos/$clientProductId";
  return { to, params: { id: client.id, clientProductId: id }, ...more };
}

function Mark({ color, children }: { color: string; children: ReactNode }) {
  return (
    <Badge color={color} variant="light" miw="max-content">
      {children}
    </Badge>
  );
}
