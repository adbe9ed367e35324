import { act, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { renderInRouter } from "@/test/render";
import { type ListSearch, listSearch, useListPage } from "./listPage";
import { SearchField } from "./SearchField";

const read = listSearch(["hasProblem", "archived"], ["NAME", "TROUBLE"]);

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

  it("loses what is not understood, also when the router puts it beside what the URL has", () => {
    const raw = { sort: "WEIGHT", dir: "UP", hasProblem: "perhaps" };
    expect({ ...raw, ...read(raw) }).toEqual({});
  });
});

describe("a list's search field", () => {
  afterEach(() => void vi.useRealTimers());

  /** A list page; arrive puts a search into its URL, as the router does when a navigation ends. */
  async function page() {
    let arrive: (q?: string) => void = () => undefined;
    function List() {
      const [search, setSearch] = useState<ListSearch>({});
      arrive = (q) => act(() => setSearch({ q }));
      const list = useListPage(search);
      return <SearchField label="Buscar" placeholder="" value={list.text} onChange={list.setText} />;
    }
    const router = renderInRouter(<List />);
    const field: HTMLInputElement = await screen.findByRole("searchbox");
    vi.useFakeTimers();
    const type = (text: string) => fireEvent.change(field, { target: { value: text } });
    const wait = () => act(() => vi.advanceTimersByTimeAsync(300));
    return { router, field, type, wait, arrive: (q?: string) => arrive(q) };
  }

  it("keeps what is typed when an earlier part of it arrives in the URL late", async () => {
    const { field, type, wait, arrive } = await page();
    type("ab");
    await wait();
    type("abc");
    await wait();
    arrive("ab");
    expect(field).toHaveValue("abc");
    arrive("abc");
    expect(field).toHaveValue("abc");
    arrive("ab"); // now it is a way back
    expect(field).toHaveValue("ab");
  });

  it("leaves the address alone once the list is about to be left", async () => {
    const { router, type, wait } = await page();
    type("ab");
    await wait();
    expect(router.latestLocation.search).toEqual({ q: "ab" });
    type("abc");
    await act(() => router.navigate({ to: "/elsewhere" } as never));
    await wait();
    expect(router.latestLocation.href).toBe("/elsewhere");
  });
});
