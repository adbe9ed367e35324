import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { renderInPage } from "@/test/render";
import { Pager, turnsOf } from "./Pager";

const middle = { hasNextPage: true, hasPreviousPage: true, startCursor: "a", endCursor: "z" };
const start = { ...middle, hasPreviousPage: false };
const end = { ...middle, hasNextPage: false };

beforeEach(() => changeLanguage("pt-BR"));

describe("the pages of a list", () => {
  it("lead to the first, the one before, the one after and the last, which has what is left", () => {
    expect(turnsOf({ size: 25, counted: 3 }, middle, 103)).toEqual({
      page: 3,
      pages: 5,
      first: {},
      previous: { before: "a", page: 2 },
      next: { after: "z", page: 4 },
      last: { last: 3, page: 5 },
    });
    expect(turnsOf({ size: 50, counted: 1 }, start, 100).last).toEqual({ last: 50, page: 2 });
  });

  it("have the numbers that the ends of the list give them, when rows came or went since they were counted", () => {
    expect(turnsOf({ size: 25, counted: 7 }, start, 103).page).toBe(1);
    expect(turnsOf({ size: 25, counted: 2 }, end, 103).page).toBe(5);
    expect(turnsOf({ size: 25, counted: 1 }, middle, 103).page).toBe(2);
    expect(turnsOf({ size: 25, counted: 9 }, middle, 103).page).toBe(4);
  });

  it("have no last one where the rows are not counted", () => {
    expect(turnsOf({ size: 25, counted: 3 }, middle)).toEqual({
      page: 3,
      pages: undefined,
      first: {},
      previous: { before: "a", page: 2 },
      next: { after: "z", page: 4 },
    });
  });
});

function show(info: typeof middle, stale = false) {
  const onGo = vi.fn();
  const turns = turnsOf({ size: 25, counted: 3 }, info, 10_003);
  renderInPage(<Pager label="Páginas" size={25} turns={turns} totalCount={10_003} stale={stale} onGo={onGo} />);
  return onGo;
}

describe("a pager", () => {
  it("says how many there are and where this page stands", () => {
    show(middle);
    expect(screen.getByText("10.003 resultados · página 3 de 401")).toBeInTheDocument();
  });

  it("turns the pages of the list that is shown", async () => {
    const onGo = show(middle);
    for (const button of screen.getAllByRole("button")) await userEvent.click(button);
    expect(onGo.mock.calls).toEqual([
      [{}],
      [{ before: "a", page: 2 }],
      [{ after: "z", page: 4 }],
      [{ last: 3, page: 401 }],
    ]);
  });

  it("turns nothing while another list is awaited: a place of the old one would skip rows of the new", async () => {
    const onGo = show(middle, true);
    for (const button of screen.getAllByRole("button")) {
      expect(button).toHaveAttribute("aria-disabled", "true");
      await userEvent.click(button);
    }
    expect(onGo).not.toHaveBeenCalled();
  });

  it("begins anew with another number of rows, and needs no word for the usual one", async () => {
    const onGo = show(start);
    const size = screen.getByRole("combobox", { name: "Linhas por página" });
    await userEvent.selectOptions(size, "100 por página");
    await userEvent.selectOptions(size, "25 por página");
    expect(onGo.mock.calls).toEqual([[{ size: 100 }], [{ size: undefined }]]);
  });
});
