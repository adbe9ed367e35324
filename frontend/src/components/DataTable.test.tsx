import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Column, DataTable, type Sorting } from "./DataTable";
import { rowLink } from "./rows";

type Row = { name: string };
type Order = "NAME" | "TROUBLE";

const opened = vi.fn();
const pressed = vi.fn();

const columns: Column<Row, Order>[] = [
  {
    key: "name",
    header: "Nome",
    sort: "NAME",
    main: true,
    render: ({ name }) => (
      <a
        href={`/${name}`}
        {...rowLink}
        onClick={(event) => {
          event.preventDefault();
          opened(name);
        }}
      >
        {name}
      </a>
    ),
  },
  { key: "document", header: "CNPJ", render: () => <span>33.000.167/0001-01</span> },
  {
    key: "marketplaces",
    header: "Marketplaces",
    sort: "TROUBLE",
    firstDirection: "DESC",
    render: () => (
      <button type="button" onClick={pressed}>
        Testar
      </button>
    ),
  },
];

function show(sorting?: Sorting<Order>) {
  render(
    <MantineProvider env="test">
      <DataTable
        caption="Clientes"
        columns={columns}
        rows={[{ name: "Padaria" }]}
        rowKey={({ name }) => name}
        sorting={sorting}
      />
    </MantineProvider>,
  );
  return userEvent.setup();
}

describe("the order of a table", () => {
  it("begins as the column has it, and turns with the next press", async () => {
    const onChange = vi.fn();
    const user = show({ field: "NAME", direction: "ASC", onChange });
    await user.click(screen.getByRole("button", { name: "Marketplaces" }));
    expect(onChange).toHaveBeenLastCalledWith("TROUBLE", "DESC");
    await user.click(screen.getByRole("button", { name: "Nome" }));
    expect(onChange).toHaveBeenLastCalledWith("NAME", "DESC");
    expect(screen.getByRole("columnheader", { name: "Nome" })).toHaveAttribute("aria-sort", "ascending");
    expect(screen.getByRole("columnheader", { name: "Marketplaces" })).toHaveAttribute("aria-sort", "none");
  });
});

describe("a row", () => {
  afterEach(() => {
    opened.mockReset();
    pressed.mockReset();
    window.getSelection()?.removeAllRanges();
  });

  it("opens its link by a click anywhere on it, once", async () => {
    const user = show();
    await user.click(screen.getByText("33.000.167/0001-01"));
    expect(opened.mock.calls).toEqual([["Padaria"]]);
    await user.click(screen.getByRole("link", { name: "Padaria" }));
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it("leaves a button in it to itself", async () => {
    const user = show();
    await user.click(screen.getByRole("button", { name: "Testar" }));
    expect(pressed).toHaveBeenCalledOnce();
    expect(opened).not.toHaveBeenCalled();
  });

  it("lets its text be selected", async () => {
    show();
    const text = screen.getByText("33.000.167/0001-01");
    window.getSelection()?.selectAllChildren(text);
    text.click();
    expect(opened).not.toHaveBeenCalled();
    window.getSelection()?.removeAllRanges();
    text.click();
    expect(opened).toHaveBeenCalledOnce();
  });

  it("opens a new tab with the middle button and with Ctrl", async () => {
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    const user = show();
    const text = screen.getByText("33.000.167/0001-01");
    await user.pointer({ keys: "[MouseMiddle]", target: text });
    await user.keyboard("{Control>}");
    await user.click(text);
    expect(open.mock.calls).toEqual([
      [expect.stringMatching(/\/Padaria$/), "_blank", "noopener"],
      [expect.stringMatching(/\/Padaria$/), "_blank", "noopener"],
    ]);
    expect(opened).not.toHaveBeenCalled();
  });
});
