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
          data={columns.flatMap(({ sort, header }) =>
            sort
              ? (["ASC", "DESC"] as const).map((direction) => ({
                  value: `${sort} ${direction}`,
                  label: `${header}, ${t(`list.${direction}`)}`,
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
                  {column.sort && sorting ? (
                    <SortButton sort={column.sort} header={column.header} sorting={sorting} />
                  ) : (
                    column.header
                  )}
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

function SortButton<S extends string>({ sort, header, sorting }: { sort: S; header: string; sorting: Sorting<S> }) {
  const current = sort === sorting.field;
  const Icon = !current ? IconArrowsSort : sorting.direction === "ASC" ? IconArrowUp : IconArrowDown;
  return (
    <button
      type="button"
      className="sort-button"
      onClick={() => sorting.onChange(sort, current ? opposite(sorting.direction) : "ASC")}
    >
      {header}
      <Icon size={15} aria-hidden />
    </button>
  );
}
