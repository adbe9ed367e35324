import { ActionIcon, Button, Group, NativeSelect, Text } from "@mantine/core";
import { type Icon, IconChevronLeft, IconChevronRight, IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";
import { type ListPlace, type Place, pageSizes } from "./listPage";

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

/** The page that is shown, and the places that its pager leads to; without a place there is no such page. */
export interface Turns {
  page: number;
  /** How many pages there are, unless counting would cost too much. */
  pages?: number;
  first?: Place;
  previous?: Place;
  next?: Place;
  last?: Place;
}

export function turnsOf(
  { size, counted }: Pick<ListPlace, "size" | "counted">,
  { hasNextPage, hasPreviousPage, startCursor, endCursor }: PageInfo,
  totalCount?: number,
): Turns {
  const pages = totalCount === undefined ? undefined : Math.max(1, Math.ceil(totalCount / size));
  const page = pageNumber(counted, { hasNextPage, hasPreviousPage }, pages);
  return {
    page,
    pages,
    ...(hasPreviousPage && {
      first: {},
      previous: { before: startCursor ?? undefined, page: counting(page - 1) },
    }),
    ...(hasNextPage && { next: { after: endCursor ?? undefined, page: page + 1 } }),
    ...(hasNextPage && totalCount !== undefined && { last: { last: totalCount % size || size, page: pages } }),
  };
}

interface Props {
  /** Names the buttons for screen readers: a long list has a pager at each end. */
  label: string;
  /** Whether a screen reader is told of what it says when that changes: one of two pagers does so. */
  announces?: boolean;
  size: number;
  turns: Turns;
  /** Not told where counting would cost too much. */
  totalCount?: number;
  /** What is shown is of an earlier list, whose places mean nothing in the one that is awaited: nothing can be turned. */
  stale: boolean;
  onGo: (place: Place) => void;
}

/** Says how many there are and which page this is, and leads from page to page. */
export function Pager({ label, announces, size, turns, totalCount, stale, onGo }: Props) {
  const { t, i18n } = useTranslation();
  const { page, pages } = turns;
  const several = Boolean(turns.first || turns.next);
  const number = (value: number) => formatNumber(value, i18n.language);
  const parts = [
    totalCount !== undefined && t("list.total", { count: totalCount, formatted: number(totalCount) }),
    several &&
      (pages === undefined
        ? t("list.page", { page: number(page) })
        : t("list.pageOf", { page: number(page), pages: number(pages) })),
  ];
  // Not disabled while stale, which would take the focus away from who turns the pages by keyboard.
  const turn = (to?: Place) => ({
    disabled: !to,
    "aria-disabled": (to && stale) || undefined,
    onClick: () => {
      if (to && !stale) onGo(to);
    },
  });
  return (
    <Group justify="space-between" gap="xs" component="nav" aria-label={label} className="pager no-print">
      <Text size="sm" c="dimmed" role={announces ? "status" : undefined}>
        {parts.filter(Boolean).join(" · ")}
      </Text>
      {(several || size !== pageSizes[0]) && (
        <Group gap="xs">
          {several && (
            <>
              <TurnIcon label={t("list.first")} icon={IconChevronsLeft} {...turn(turns.first)} />
              <Button
                variant="default"
                size="xs"
                leftSection={<IconChevronLeft size={16} aria-hidden />}
                {...turn(turns.previous)}
              >
                {t("list.previous")}
              </Button>
              <Button
                variant="default"
                size="xs"
                rightSection={<IconChevronRight size={16} aria-hidden />}
                {...turn(turns.next)}
              >
                {t("list.next")}
              </Button>
              {totalCount !== undefined && (
                <TurnIcon label={t("list.last")} icon={IconChevronsRight} {...turn(turns.last)} />
              )}
            </>
          )}
          <NativeSelect
            size="xs"
            aria-label={t("list.size")}
            value={String(size)}
            onChange={(event) => {
              const chosen = Number(event.currentTarget.value);
              onGo({ size: chosen === pageSizes[0] ? undefined : chosen });
            }}
            data={pageSizes.map((offered) => ({
              value: String(offered),
              label: t("list.sizeOf", { size: offered }),
            }))}
          />
        </Group>
      )}
    </Group>
  );
}

interface TurnIconProps {
  label: string;
  icon: Icon;
  disabled: boolean;
  onClick: () => void;
}

function TurnIcon({ label, icon: Sign, ...button }: TurnIconProps) {
  return (
    <ActionIcon variant="default" size={30} aria-label={label} title={label} {...button}>
      <Sign size={16} aria-hidden />
    </ActionIcon>
  );
}

/** The first page needs no number. */
const counting = (page: number) => (page > 1 ? page : undefined);

/**
 * The number of a page. It was counted from page to page, and the list may have changed since: its ends, which the API
 * tells, are where they are.
 */
function pageNumber(
  counted: number,
  { hasPreviousPage, hasNextPage }: Pick<PageInfo, "hasPreviousPage" | "hasNextPage">,
  pages?: number,
): number {
  if (!hasPreviousPage) return 1;
  if (pages === undefined) return Math.max(counted, 2);
  if (!hasNextPage) return Math.max(pages, 2);
  return Math.max(2, Math.min(counted, pages - 1));
}
