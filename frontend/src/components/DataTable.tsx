import { NativeSelect, Paper, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OrderDirection } from "@/gql/graphql";
import { openRow } from "./rows";

export interface Column<T, S extends string> {
  key: string;
  header: string;
  render: (row: T) => ReactNode;
  /** The order that a press on the header asks for. */
  sort?: S;
  /** Which way the first press sorts; ascending when absent. */
  firstDirection?: OrderDirection;
  /** The cell that names the row; it heads the card on a narrow screen. The link of the row is a RowLink in it. */
  main?: boolean;
  /** Its part of the table's width, such as "30%": what is longer is cut where it has the class "cut". */
  width?: string;
}

/** An order that no column shows. */
export interface Order<S extends string> {
  sort: S;
  label: string;
  firstDirection?: OrderDirection;
}

export interface Sorting<S extends string> {
  field: S;
  direction: OrderDirection;
  onChange: (field: S, direction: OrderDirection) => void;
}

interface Props<T, S extends string> {
  /** Names the table for screen readers. */
  caption: string;
  columns: Column<T, S>[];
  rows: T[];
  rowKey: (row: T) => string;
  sorting?: Sorting<S>;
}

const opposite = (direction: OrderDirection): OrderDirection => (direction === "ASC" ? "DESC" : "ASC");

/**
 * A table that becomes a list of cards where there is little room. A click anywhere on a row opens the RowLink in it. The
 * roles are spelled out because CSS `display` drops them.
 */
export function DataTable<T, S extends string = never>({ caption, columns, rows, rowKey, sorting }: Props<T, S>) {
  return (
    <div className="table">
      {sorting && <SortSelect className="table-sort" orders={ordersOf(columns)} sorting={sorting} />}
      <Paper withBorder>
        {/* biome-ignore-start lint/a11y/noRedundantRoles: display: block takes the native roles away */}
        <table className="rows" role="table">
          <VisuallyHidden component="caption">{caption}</VisuallyHidden>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  role="columnheader"
                  data-main={column.main || undefined}
                  style={{ width: column.width }}
                  aria-sort={ariaSort(column, sorting)}
                >
                  {column.sort && sorting ? (
                    <SortButton column={column} sort={column.sort} sorting={sorting} />
                  ) : (
                    column.header
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={rowKey(row)} role="row" onClick={openRow} onAuxClick={openRow}>
                {columns.map((column) => (
                  <td
                    key={column.key}
                    role="cell"
                    data-label={column.header}
                    data-main={column.main || undefined}
                    data-cut={column.width ? true : undefined}
                  >
                    <div>{column.render(row)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: display: block takes the native roles away */}
      </Paper>
    </div>
  );
}

/** The orders that the headers of columns ask for. */
export const ordersOf = <T, S extends string>(columns: readonly Column<T, S>[]): Order<S>[] =>
  columns.flatMap(({ sort, header, firstDirection }) => (sort ? [{ sort, label: header, firstDirection }] : []));

interface SortSelectProps<S extends string> {
  className?: string;
  orders: readonly Order<S>[];
  sorting: Sorting<S>;
}

/** Chooses the order of a list where there are no headers to press, or for an order that none of them has. */
export function SortSelect<S extends string>({ className, orders, sorting }: SortSelectProps<S>) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      className={className}
      aria-label={t("list.sortBy")}
      value={`${sorting.field} ${sorting.direction}`}
      onChange={(event) => {
        const [field, direction] = event.currentTarget.value.split(" ") as [S, OrderDirection];
        sorting.onChange(field, direction);
      }}
      data={orders.flatMap(({ sort, label, firstDirection = "ASC" }) =>
        [firstDirection, opposite(firstDirection)].map((direction) => ({
          value: `${sort} ${direction}`,
          label: `${label}, ${t(`list.${direction}`)}`,
        })),
      )}
    />
  );
}

function ariaSort<T, S extends string>(column: Column<T, S>, sorting?: Sorting<S>) {
  if (!column.sort || !sorting) return undefined;
  if (column.sort !== sorting.field) return "none";
  return sorting.direction === "ASC" ? "ascending" : "descending";
}

interface SortButtonProps<T, S extends string> {
  column: Column<T, S>;
  sort: S;
  sorting: Sorting<S>;
}

function SortButton<T, S extends string>({ column, sort, sorting }: SortButtonProps<T, S>) {
  const { header, firstDirection = "ASC" } = column;
  const current = sort === sorting.field;
  const Icon = !current ? IconArrowsSort : sorting.direction === "ASC" ? IconArrowUp : IconArrowDown;
  return (
    <button
      type="button"
      className="sort-button"
      onClick={() => sorting.onChange(sort, current ? opposite(sorting.direction) : firstDirection)}
    >
      {header}
      <Icon size={15} aria-hidden />
    </button>
  );
}
