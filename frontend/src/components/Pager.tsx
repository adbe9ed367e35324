import { Button, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";

interface Props {
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  /** Not told where counting would cost too much. */
  totalCount?: number;
  /** What is shown is of an earlier list, whose places mean nothing in the one that is awaited: nothing can be turned. */
  stale: boolean;
  onGo: (place: { after?: string; before?: string }) => void;
}

/** Says how many there are and leads from page to page. */
export function Pager({ pageInfo, totalCount, stale, onGo }: Props) {
  const { t, i18n } = useTranslation();
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  // Not disabled, which would take the focus away from who turns the pages by keyboard.
  const turn = (place: Parameters<Props["onGo"]>[0]) => ({
    "aria-disabled": stale || undefined,
    onClick: () => {
      if (!stale) onGo(place);
    },
  });
  return (
    <Group justify="space-between" mt="md" gap="sm" component="nav" aria-label={t("list.pages")} className="no-print">
      <Text size="sm" c="dimmed" role="status">
        {totalCount !== undefined &&
          t("list.total", { count: totalCount, formatted: formatNumber(totalCount, i18n.language) })}
      </Text>
      {(hasNextPage || hasPreviousPage) && (
        <Group gap="xs">
          {hasPreviousPage && (
            <Button variant="subtle" size="sm" leftSection={<IconChevronsLeft size={16} />} {...turn({})}>
              {t("list.first")}
            </Button>
          )}
          <Button
            variant="default"
            size="sm"
            leftSection={<IconChevronLeft size={16} />}
            disabled={!hasPreviousPage}
            {...turn({ before: startCursor ?? undefined })}
          >
            {t("list.previous")}
          </Button>
          <Button
            variant="default"
            size="sm"
            rightSection={<IconChevronRight size={16} />}
            disabled={!hasNextPage}
            {...turn({ after: endCursor ?? undefined })}
          >
            {t("list.next")}
          </Button>
        </Group>
      )}
    </Group>
  );
}
