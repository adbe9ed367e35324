import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { changeLanguage } from "@/i18n";
import { renderInRouter } from "@/test/render";
import { ListPages } from "./ListPages";
import { AnchorLink } from "./links";
import { listSearch, useListPage } from "./listPage";
import { rowLink } from "./rows";
import { SearchField } from "./SearchField";

const read = listSearch(["hasProblem", "archived"], ["NAME", "TROUBLE"]);

beforeEach(() => changeLanguage("pt-BR"));

describe("a list's part of the URL", () => {
  it("is read as it was written", () => {
    expect(read({ q: "padaria", sort: "TROUBLE", dir: "DESC", hasProblem: "true", archived: "false" })).toEqual({
      q: "padaria",
      sort: "TROUBLE",
      dir: "DESC",
      hasProblem: true,
      archived: false,
    });
  });

  it("has the place in it, as far as it makes sense", () => {
    expect(read({ after: "m", page: "3", size: "50" })).toEqual({ after: "m", page: 3, size: 50 });
    expect(read({ last: "50", size: "50" })).toEqual({ last: 50, size: 50 });
    expect(read({ last: "26", page: "0", size: "10" })).toEqual({});
  });

  it("loses what is not understood, also when the router puts it beside what the URL has", () => {
    const raw = { sort: "WEIGHT", dir: "UP", hasProblem: "perhaps" };
    expect({ ...raw, ...read(raw) }).toEqual({});
  });
});

const padaria = { id: "cli_1", name: "Padaria" };
const mercado = { id: "cli_2", name: "Mercado" };
const places = { hasNextPage: false, hasPreviousPage: false, startCursor: "a", endCursor: "z" };

/** A list page as the router shows it. Rows are answered by the text that is searched for, a moment later. */
async function page(path = "/", answers: Record<string, (typeof padaria)[]> = {}) {
  const asked: unknown[] = [];
  function List() {
    const search = listSearch([], [])(useSearch({ strict: false }));
    const list = useListPage(search, { unsuited: (text) => text === "39053344705" });
    const { variables } = list;
    const rows = useQuery({
      queryKey: [variables],
      queryFn: async () => {
        asked.push(variables);
        return answers[variables.search ?? ""] ?? [padaria, mercado];
      },
      placeholderData: keepPreviousData,
    });
    return (
      <main>
        <SearchField label="Buscar" placeholder="" search={list.search} />
        {rows.data && (
          <ListPages
            label="Lista"
            place={list.place}
            connection={{
              edges: rows.data,
              pageInfo: { ...places, hasNextPage: rows.data.length > 1, hasPreviousPage: Boolean(search.after) },
              totalCount: 130,
            }}
            stale={rows.isPlaceholderData}
          >
            {rows.data.map(({ id, name }) => (
              <li key={id}>
                <AnchorLink to={`/${id}` as never} {...rowLink}>
                  {name}
                </AnchorLink>
              </li>
            ))}
          </ListPages>
        )}
      </main>
    );
  }
  const router = renderInRouter(<List />, path);
  const field: HTMLInputElement = await screen.findByRole("searchbox");
  await screen.findAllByRole("link");
  const type = (text: string) => fireEvent.change(field, { target: { value: text } });
  const press = (key: string, at: Element = document.activeElement ?? document.body) => fireEvent.keyDown(at, { key });
  return { router, field, type, press, asked };
}

const textOf = (router: { latestLocation: { search: object } }) => (router.latestLocation.search as { q?: string }).q;

describe("a list's search field", () => {
  it("keeps what is typed when an earlier part of it arrives in the URL", async () => {
    const { router, field, type } = await page();
    type("ab");
    await waitFor(() => expect(textOf(router)).toBe("ab"));
    type("abc");
    expect(field).toHaveValue("abc");
    await waitFor(() => expect(textOf(router)).toBe("abc"));
    expect(field).toHaveValue("abc");
    await act(() => router.navigate({ to: ".", search: { q: "ab" } } as never)); // now it is a way back
    expect(field).toHaveValue("ab");
  });

  it("leaves the address alone once the list is about to be left", async () => {
    const { router, type } = await page();
    type("ab");
    await waitFor(() => expect(textOf(router)).toBe("ab"));
    type("abc");
    await act(() => router.navigate({ to: "/elsewhere" } as never));
    await act(() => new Promise((later) => setTimeout(later, 350)));
    expect(router.latestLocation.href).toBe("/elsewhere");
  });

  it("keeps what may not be in an address in the history, so that Back brings it back", async () => {
    const { router, field, type, asked } = await page();
    type("39053344705");
    await waitFor(() => expect(asked).toContainEqual({ first: 25, after: undefined, search: "39053344705" }));
    expect(router.latestLocation.href).toBe("/");
    await act(() => router.navigate({ to: "/", search: { q: "pad" } } as never));
    expect(field).toHaveValue("pad");
    act(() => router.history.back());
    await waitFor(() => expect(field).toHaveValue("39053344705"));
  });

  it("begins with what the address says", async () => {
    const { field, asked } = await page("/?q=47310825&size=50&after=m&page=3");
    expect(field).toHaveValue("47310825");
    expect(asked).toEqual([{ first: 50, after: "m", search: "47310825" }]);
    expect(screen.getByText(/página 2 de/)).toBeInTheDocument(); // the end is told by the list, not by the address
  });

  it("opens what it finds when Enter is pressed and it is one, and not what an earlier text has found", async () => {
    const { router, field, type, press } = await page("/", { pad: [padaria], merc: [mercado] });
    type("pad");
    await waitFor(() => expect(screen.queryByText("Mercado")).toBeNull());
    type("merc");
    press("Enter", field);
    await waitFor(() => expect(router.latestLocation.pathname).toBe("/cli_2"));
  });

  it("opens nothing while it finds several", async () => {
    const { router, field, type, press } = await page();
    type("a");
    press("Enter", field);
    await waitFor(() => expect(textOf(router)).toBe("a"));
    expect(router.latestLocation.pathname).toBe("/");
  });
});

describe("the keys of a list", () => {
  it("lead from the search into the rows, from row to row, and back", async () => {
    const { field, press } = await page();
    press("/");
    expect(field).toHaveFocus();
    press("ArrowDown");
    expect(screen.getByText("Padaria")).toHaveFocus();
    press("j");
    expect(screen.getByText("Mercado")).toHaveFocus();
    press("j");
    expect(screen.getByText("Mercado")).toHaveFocus();
    press("k");
    press("ArrowUp");
    expect(field).toHaveFocus();
    press("j");
    expect(field).toHaveFocus();
  });

  it("turn the page, which begins with the focus on its first row", async () => {
    const { router, press } = await page();
    press("n");
    await waitFor(() => expect(screen.getByText("Padaria")).toHaveFocus());
    expect(router.latestLocation.search).toEqual({ after: "z", page: "2" });
  });
});
