import { useDebouncedCallback } from "@mantine/hooks";
import { useLocation, useMatch, useNavigate, useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { OrderDirection } from "@/gql/graphql";
import { cutToVisiblePart } from "@/lib/visiblePart";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** A search text that is to stay out of the address. Back and a reload bring it back. */
    sought?: string;
    /** The page begins with the focus in its search. */
    focusSearch?: boolean;
  }
}

/** How many rows a page may have; the first is the usual number. */
export const pageSizes = [25, 50, 100] as const;

/** Where a list stands, as the URL keeps it. */
export interface Place {
  after?: string;
  before?: string;
  /** How many rows the last page has, when the list is read from its end. */
  last?: number;
  /** The number of the page, counted from page to page. */
  page?: number;
  size?: number;
}

/** A list's search, filters, order and place, as the URL keeps them. */
export type ListSearch<F extends string = never, S extends string = never> = Part<S> & { [flag in F]?: boolean };

interface Part<S extends string> extends Place {
  q?: string;
  sort?: S;
  dir?: OrderDirection;
}

const wordIn = (raw: Record<string, unknown>, name: string) => {
  const value = raw[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

function numberIn(raw: Record<string, unknown>, name: string, most: number) {
  const number = Number(raw[name]);
  return Number.isInteger(number) && number > 0 && number <= most ? number : undefined;
}

/** Reads where a list stands; what is not understood is dropped. */
export function readPlace(raw: Record<string, unknown>): Place {
  const size = pageSizes.slice(1).find((offered) => String(offered) === String(raw.size));
  return {
    after: wordIn(raw, "after"),
    before: wordIn(raw, "before"),
    last: numberIn(raw, "last", size ?? pageSizes[0]),
    page: numberIn(raw, "page", 1_000_000),
    size,
  };
}

/**
 * Reads a list's part of the URL; what is not understood is dropped. It is dropped by its name with `undefined`: the
 * router adds what this gives to what the URL has.
 */
export function listSearch<F extends string, S extends string>(flags: readonly F[], sorts: readonly S[]) {
  return (raw: Record<string, unknown>): ListSearch<F, S> => {
    const search: Record<string, unknown> = {
      q: wordIn(raw, "q"),
      ...readPlace(raw),
      sort: sorts.find((sort) => sort === raw.sort),
      dir: (["ASC", "DESC"] as const).find((direction) => direction === raw.dir),
    };
    for (const flag of flags) {
      search[flag] = [true, false].find((value) => String(value) === String(raw[flag]));
    }
    return search as ListSearch<F, S>;
  };
}

/** A list starts at its first page again. */
export const firstPage: Place = { after: undefined, before: undefined, last: undefined, page: undefined };

/** What ListPages needs to turn the pages of a list. */
export interface ListPlace {
  size: number;
  /** The number of the page that the URL tells. */
  counted: number;
  /** Tells one place from another. */
  key: string;
  go: (place: Place) => void;
  /** The element that has the rows. */
  rows: RefObject<HTMLDivElement | null>;
  /** Whether Enter was pressed in the search: the row is opened if it is the only one. */
  opens?: boolean;
  opened?: () => void;
  /** The search field above the rows. */
  field?: RefObject<HTMLInputElement | null>;
}

/** The place of a list in its URL, and what the API is asked for there. */
export function usePlace({ after, before, last, page, size = pageSizes[0] }: Place, change: (place: Place) => void) {
  const rows = useRef<HTMLDivElement>(null);
  const place: ListPlace = {
    size,
    counted: page ?? 1,
    key: [size, after, before, last].join(),
    go: (to) => change({ ...firstPage, ...to }),
    rows,
  };
  const variables = before ? { last: size, before } : last ? { last } : { first: size, after };
  return { place, variables };
}

interface Options<S extends string> {
  defaultSort?: { field: S; direction: OrderDirection };
  /** Whether a search text is to stay out of the URL, as the CPF of a person: the history of this tab keeps it. */
  unsuited?: (text: string) => boolean;
}

/** Everything a list page does with its URL: search as you type, filters, order and keyset pages. */
export function useListPage<T extends Part<string>>(
  search: T,
  { defaultSort, unsuited = () => false }: Options<NonNullable<T["sort"]>> = {},
) {
  type S = NonNullable<T["sort"]>;
  const navigate = useNavigate();
  const router = useRouter();
  const sought = useSought();
  const [text, setText] = useState(sought);
  const pushed = useRef(sought);
  /** What was pushed and may not have arrived in the URL yet. */
  const onTheWay = useRef(new Set<string>());
  /** The text in which Enter was pressed, until its answer is there. */
  const [entered, setEntered] = useState<string>();
  const searchField = useRef<HTMLInputElement>(null);

  /** A change of what is listed starts at the first page. */
  const change = (part: Partial<T>, options: { replace?: boolean; sought?: string } = {}) =>
    void navigate({
      to: ".",
      replace: options.replace ?? false,
      resetScroll: false,
      search: (before: Record<string, unknown>) => ({ ...before, ...firstPage, ...part }),
      state: (before: { sought?: string }) => ({ sought: "sought" in options ? options.sought : before.sought }),
    } as never);
  const { place, variables } = usePlace(search, (to) => change(to as Partial<T>));

  const push = useDebouncedCallback((value: string, page: string) => {
    if (router.latestLocation.pathname !== page) return; // the list is about to be left
    pushed.current = value;
    onTheWay.current.add(value);
    const held = unsuited(value);
    change({ q: held ? undefined : value || undefined } as Partial<T>, {
      replace: true,
      sought: held ? value : undefined,
    });
  }, 300);

  // Back, forward and links change the URL without the field.
  useEffect(() => {
    if (sought === pushed.current) return onTheWay.current.clear();
    if (onTheWay.current.has(sought)) return; // more was typed since it was pushed
    pushed.current = sought;
    setText(sought);
  }, [sought]);

  const field: S | undefined = search.sort ?? defaultSort?.field;
  const direction = search.dir ?? defaultSort?.direction ?? "ASC";
  return {
    change,
    place: {
      ...place,
      opens: entered !== undefined && entered === sought,
      opened: () => setEntered(undefined),
      field: searchField,
    },
    search: {
      text,
      setText: (value: string) => {
        const cleaned = cutToVisiblePart(value);
        setText(cleaned);
        setEntered(undefined);
        push(cleaned.trim(), router.latestLocation.pathname);
      },
      /** Searches at once, and opens what is found if it is one. */
      enter: () => {
        push.flush();
        setEntered(text.trim());
      },
      rows: place.rows,
      field: searchField,
    },
    sorting: field && {
      field,
      direction,
      onChange: (sort: S, dir: OrderDirection) => change({ sort, dir } as Partial<T>),
    },
    variables: {
      ...variables,
      ...(sought ? { search: sought } : {}),
      ...(field ? { orderBy: { field, direction } } : {}),
    },
  };
}

/** What is searched for: in the URL, or in the history where it must not be in the URL. Unchanged while the page is left. */
function useSought(): string {
  const page = useMatch({ strict: false, select: ({ pathname }) => pathname });
  const last = useRef("");
  const sought = useLocation({
    select: ({ pathname, search, state }) =>
      pathname === page ? (state.sought ?? (search as Part<string>).q ?? "") : undefined,
  });
  useEffect(() => {
    if (sought !== undefined) last.current = sought;
  }, [sought]);
  return sought ?? last.current;
}
