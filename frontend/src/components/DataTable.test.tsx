import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { type Column, DataTable } from "./DataTable";

type Row = { name: string };
type Order = "NAME" | "TROUBLE";

const columns: Column<Row, Order>[] = [
  { key: "name", header: "Nome", sort: "NAME", main: true, render: ({ name }) => name },
  {
    key: "products",
    header: "Produtos",
    sort: "TROUBLE",
    sortLabel: "Problema",
    firstDirection: "DESC",
    render: () => "—",
  },
];

function open(field: Order) {
  const onChange = vi.fn();
  render(
    <MantineProvider env="test">
      <DataTable
        caption="Clientes"
        columns={columns}
        rows={[{ name: "Padaria" }]}
        rowKey={({ name }) => name}
        sorting={{ field, direction: "DESC", onChange }}
      />
    </MantineProvider>,
  );
  return { onChange, user: userEvent.setup() };
}

describe("the order of a table", () => {
  it("begins as the column has it, and turns with the next press", async () => {
    const { onChange, user } = open("NAME");
    await user.click(screen.getByRole("button", { name: "Problema" }));
    expect(onChange).toHaveBeenLastCalledWith("TROUBLE", "DESC");
    await user.click(screen.getByRole("button", { name: "Nome" }));
    expect(onChange).toHaveBeenLastCalledWith("NAME", "ASC");
  });

  it("may have another name than the column, which then keeps its own", () => {
    open("TROUBLE");
    const header = screen.getByRole("columnheader", { name: /Produtos/ });
    expect(header).toHaveAttribute("aria-sort", "descending");
    expect(within(header).getByRole("button", { name: "Problema" })).toBeInTheDocument();
    expect(screen.getByRole("columnheader", { name: "Nome" })).toHaveAttribute("aria-sort", "none");
  });
});
