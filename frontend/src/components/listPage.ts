import { useDebouncedCallback } from "@mantine/hooks";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { OrderDirection } from "@/gql/graphql";
import { cutToVisiblePart } from "@/lib/visiblePart";

export const pageSize = 25;

/** A list's search, filters, order and place, as the URL keeps them. */
export type ListSearch<F extends string = never, S extends string = never> = Place<S> & { [flag in F]?: boolean };

interface Place<S extends string> {
  q?: string;
  after?: string;
  before?: string;
  sort?: S;
  dir?: OrderDirection;
}

/**
 * Reads a list's part of the URL; what is not understood is dropped. It is dropped by its name with `undefined`: the
 * router adds what this gives to what the URL has.
 */
export function listSearch<F extends string, S extends string>(flags: readonly F[], sorts: readonly S[]) {
  return (raw: Record<string, unknown>): ListSearch<F, S> => {
    const text = (name: string) => {
      const value = raw[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const search: Record<string, unknown> = {
      q: text("q"),
      after: text("after"),
      before: text("before"),
      sort: sorts.find((sort) => sort === raw.sort),
      dir: (["ASC", "DESC"] as const).find((direction) => direction === raw.dir),
    };
    for (const flag of flags) {
      search[flag] = [true, false].find((value) => String(value) === String(raw[flag]));
    }
    return search as ListSearch<F, S>;
  };
}

interface Options<S extends string> {
  defaultSort?: { field: S; direction: OrderDirection };
  /** Whether a search text is to stay out of the URL, as the CPF of a person: the page keeps it instead, until it is left. */
  unsuited?: (text: string) => boolean;
}

/** Everything a list page does with its URL: search as you type, filters, order and keyset pages. */
export function useListPage<T extends Place<string>>(
  search: T,
  { defaultSort, unsuited = () => false }: Options<NonNullable<T["sort"]>> = {},
) {
  type S = NonNullable<T["sort"]>;
  const navigate = useNavigate();
  const router = useRouter();
  const [text, setText] = useState(search.q ?? "");
  const pushed = useRef(search.q ?? "");
  /** What was pushed and may not have arrived in the URL yet. */
  const onTheWay = useRef(new Set<string>());
  const [kept, setKept] = useState<string>();

  /** A change of what is listed starts at the first page. */
  const change = (part: Partial<T>, replace = false) =>
    void navigate({
      to: ".",
      replace,
      resetScroll: false,
      search: (before: Record<string, unknown>) => ({ ...before, after: undefined, before: undefined, ...part }),
    } as Parameters<typeof navigate>[0]);

  const push = useDebouncedCallback((value: string, page: string) => {
    if (router.latestLocation.pathname !== page) return; // the list is about to be left
    const keep = unsuited(value);
    setKept(keep ? value : undefined);
    pushed.current = keep ? "" : value;
    onTheWay.current.add(pushed.current);
    change({ q: pushed.current || undefined } as Partial<T>, true);
  }, 300);

  // Back, forward and links change the URL without the field.
  useEffect(() => {
    const arrived = search.q ?? "";
    if (arrived === pushed.current) return onTheWay.current.clear();
    if (onTheWay.current.has(arrived)) return; // more was typed since it was pushed
    pushed.current = arrived;
    setKept(undefined);
    setText(arrived);
  }, [search.q]);
  const sought = kept ?? search.q;

  const field: S | undefined = search.sort ?? defaultSort?.field;
  const direction = search.dir ?? defaultSort?.direction ?? "ASC";
  return {
    text,
    setText: (value: string) => {
      const cleaned = cutToVisiblePart(value);
      setText(cleaned);
      push(cleaned.trim(), router.latestLocation.pathname);
    },
    change,
    goTo: (place: { after?: string; before?: string }) => change(place as Partial<T>),
    sorting: field && {
      field,
      direction,
      onChange: (sort: S, dir: OrderDirection) => change({ sort, dir } as Partial<T>),
    },
    variables: {
      ...(search.before ? { last: pageSize, before: search.before } : { first: pageSize, after: search.after }),
      ...(sought ? { search: sought } : {}),
      ...(field ? { orderBy: { field, direction } } : {}),
    },
  };
}
