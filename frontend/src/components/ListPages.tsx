import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useShortcuts } from "@/lib/shortcuts";
import type { ListPlace, Place } from "./listPage";
import { type PageInfo, Pager, turnsOf } from "./Pager";
import { focusFirstRow, moveRow, openOnlyRow } from "./rows";

interface Props {
  /** Names the list for screen readers. */
  label: string;
  place: ListPlace;
  connection: { edges: readonly unknown[]; pageInfo: PageInfo; totalCount?: number };
  /** What is shown is of an earlier list, see Pager. */
  stale: boolean;
  /** The table, or what is said instead of it. */
  children: ReactNode;
}

/** So many rows are more than a screen: they have a pager at their end too. */
const long = 10;

/** A list with its pagers. Its rows are reached by keyboard, and a page that was turned is read from its beginning. */
export function ListPages({ label, place, connection, stale, children }: Props) {
  const { t } = useTranslation();
  const { rows, key, opens, opened } = place;
  const { edges, pageInfo, totalCount } = connection;
  const turns = turnsOf(place, pageInfo, totalCount);
  const several = Boolean(turns.first || turns.next);

  /** The place that was left by turning the page. */
  const left = useRef<string>(undefined);
  const go = (to: Place) => {
    left.current = key;
    place.go(to);
  };
  useEffect(() => {
    if (stale || left.current === undefined || left.current === key) return;
    left.current = undefined;
    rows.current?.scrollIntoView({ block: "start" });
    focusFirstRow(rows.current);
  }, [stale, key, rows]);

  useEffect(() => {
    if (!opens || stale) return;
    opened?.();
    if (!several) openOnlyRow(rows.current);
  }, [opens, opened, stale, several, rows]);

  const turn = (to?: Place) => {
    if (to && !stale) go(to);
  };
  useShortcuts([
    { key: "j", run: () => void moveRow(rows.current, 1) },
    { key: "k", run: () => void moveRow(rows.current, -1) },
    { key: "n", run: () => turn(turns.next) },
    { key: "p", run: () => turn(turns.previous) },
  ]);

  const pager = { size: place.size, turns, totalCount, stale, onGo: go };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form
    <div
      ref={rows}
      role="group"
      aria-label={label}
      className="list-pages"
      tabIndex={-1}
      onKeyDown={(event) => {
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (!step || !(event.target instanceof Element && event.target.matches("[data-row-link]"))) return;
        event.preventDefault();
        if (!moveRow(rows.current, step) && step < 0) place.field?.current?.focus();
      }}
    >
      <Pager {...pager} label={t("list.pages")} announces />
      {children}
      {several && edges.length > long && <Pager {...pager} label={t("list.pagesAfter")} />}
    </div>
  );
}
