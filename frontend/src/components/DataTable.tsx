import { NativeSelect, Paper, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OrderDirection } from "@/gql/graphql";

export interface Column<T, S extends string> {
  key: string;
  header: string;
  render: (row: T) => ReactNode;
  /** The order that a press on the header asks for. */
  sort?: S;
  /** What the order is called, when it is not the column's own word: a button of its own beside the header. */
  sortLabel?: string;
  /** Which way the first press sorts; ascending when absent. */
  firstDirection?: OrderDirection;
  /** The cell that names the row; it heads the card on a narrow screen. */
  main?: boolean;
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

/** A table that becomes a list of cards on a narrow screen. Its roles are spelled out because CSS `display` drops them. */
export function DataTable<T, S extends string = never>({ caption, columns, rows, rowKey, sorting }: Props<T, S>) {
  const { t } = useTranslation();
  return (
    <>
      {sorting && (
        <NativeSelect
          hiddenFrom="sm"
          mb="sm"
          label={t("list.sortBy")}
          value={`${sorting.field} ${sorting.direction}`}
          onChange={(event) => {
            const [field, direction] = event.currentTarget.value.split(" ") as [S, OrderDirection];
            sorting.onChange(field, direction);
          }}
          data={columns.flatMap(({ sort, header, sortLabel = header, firstDirection = "ASC" }) =>
            sort
              ? [firstDirection, opposite(firstDirection)].map((direction) => ({
                  value: `${sort} ${direction}`,
                  label: `${sortLabel}, ${t(`list.${direction}`)}`,
                }))
              : [],
          )}
        />
      )}
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
                  aria-sort={ariaSort(column, sorting)}
                >
                  {(column.sortLabel || !column.sort || !sorting) && column.header}
                  {column.sort && sorting && <SortButton column={column} sort={column.sort} sorting={sorting} />}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={rowKey(row)} role="row">
                {columns.map((column) => (
                  <td key={column.key} role="cell" data-label={column.header} data-main={column.main || undefined}>
                    <div>{column.render(row)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: display: block takes the native roles away */}
      </Paper>
    </>
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
  const { header, sortLabel, firstDirection = "ASC" } = column;
  const current = sort === sorting.field;
  const Icon = !current ? IconArrowsSort : sorting.direction === "ASC" ? IconArrowUp : IconArrowDown;
  return (
    <button
      type="button"
      className="sort-button"
      data-beside={sortLabel ? true : undefined}
      onClick={() => sorting.onChange(sort, current ? opposite(sorting.direction) : firstDirection)}
    >
      {sortLabel ?? header}
      <Icon size={15} aria-hidden />
    </button>
  );
}
