import {
  type Icon,
  IconApi,
  IconCalendarDue,
  IconHistory,
  IconHome,
  IconKey,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPackage,
  IconPlus,
  IconSettings,
  IconTerminal2,
  IconUserCircle,
  IconUserCog,
  IconUsers,
} from "@tabler/icons-react";
import type { HistoryState } from "@tanstack/react-router";
import type { ParseKeys } from "i18next";
import type ptBR from "@/i18n/pt-BR.json";
import { plain } from "@/lib/plain";

/** A page of the router. The router's own type has a case for each pair of page and parameters. */
export interface Way {
  to: string;
  params?: Record<string, string>;
  search?: Record<string, string | boolean>;
  hash?: string;
  state?: HistoryState;
}

/** Somewhere to go, or something to do. */
export type Target = { to: Way } | { href: string } | { run: () => void };

interface Entry {
  /** Its label and, under find.words, what else people call it. */
  name: keyof typeof ptBR.find.words;
  label: ParseKeys;
  icon: Icon;
  target: Target;
  /** For those who may. */
  if?: boolean;
}

interface Options {
  write: boolean;
  administer: boolean;
  changeColors: () => void;
  changeLanguage: () => void;
  showShortcuts: () => void;
  logOut: () => void;
}

/** Every page, and what can be done from anywhere. The labels are keys of texts. */
export const entries = ({ write, administer, ...run }: Options): Entry[] =>
  (
    [
      { name: "home", label: "nav.home", icon: IconHome, target: { to: { to: "/" } } },
      { name: "clients", label: "nav.clients", icon: IconUsers, target: { to: { to: "/clientes" } } },
      {
        name: "problems",
        label: "find.problems",
        icon: IconUsers,
        target: { to: { to: "/clientes", search: { hasProblem: true, sort: "TROUBLE", dir: "DESC" } } },
      },
      {
        name: "withoutKey",
        label: "find.withoutKey",
        icon: IconUsers,
        target: { to: { to: "/clientes", search: { withoutKey: true } } },
      },
      {
        name: "archived",
        label: "find.archived",
        icon: IconUsers,
        target: { to: { to: "/clientes", search: { archived: true } } },
      },
      { name: "accessKeys", label: "nav.accessKeys", icon: IconKey, target: { to: { to: "/chaves" } } },
      { name: "due", label: "nav.due", icon: IconCalendarDue, target: { to: { to: "/vencimentos" } } },
      { name: "products", label: "nav.products", icon: IconPackage, target: { to: { to: "/produtos" } } },
      { name: "audit", label: "nav.audit", icon: IconHistory, target: { to: { to: "/auditoria" } }, if: write },
      {
        name: "operators",
        label: "nav.operators",
        icon: IconUserCog,
        target: { to: { to: "/operadores" } },
        if: administer,
      },
      {
        name: "serviceTokens",
        label: "serviceToken.title",
        icon: IconTerminal2,
        target: { to: { to: "/operadores", search: { tokens: true } } },
        if: administer,
      },
      {
        name: "settings",
        label: "nav.settings",
        icon: IconSettings,
        target: { to: { to: "/configuracoes" } },
        if: administer,
      },
      { name: "account", label: "nav.account", icon: IconUserCircle, target: { to: { to: "/conta" } } },
      { name: "api", label: "nav.api", icon: IconApi, target: { href: "/graphiql" } },
      {
        name: "newClient",
        label: "clients.new",
        icon: IconPlus,
        target: { to: { to: "/clientes", search: { add: true } } },
        if: write,
      },
      { name: "colors", label: "find.colors", icon: IconMoon, target: { run: run.changeColors } },
      { name: "language", label: "find.language", icon: IconLanguage, target: { run: run.changeLanguage } },
      { name: "shortcuts", label: "shortcuts.title", icon: IconKeyboard, target: { run: run.showShortcuts } },
      { name: "logOut", label: "session.logout", icon: IconLogout, target: { run: run.logOut } },
    ] satisfies Entry[] as Entry[]
  ).filter(({ if: allowed }) => allowed !== false);

/**
 * How well a page answers to a text: 2 when the text, of three letters or more, begins its name or is one of its words, 1 when each word of the text
 * begins a word of it, 0 otherwise.
 */
export function matchOf(text: string, label: string, words: string): 0 | 1 | 2 {
  const sought = plain(text).split(/\s+/).filter(Boolean);
  if (sought.length === 0) return 1;
  const name = plain(label);
  const known = plain(`${label} ${words}`)
    .split(/[\s,]+/)
    .filter(Boolean);
  const whole = sought.join(" ");
  if (whole.length > 2 && (name.startsWith(whole) || known.includes(whole))) return 2;
  return sought.every((word) => known.some((one) => one.startsWith(word))) ? 1 : 0;
}
