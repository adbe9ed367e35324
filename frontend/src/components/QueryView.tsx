import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ErrorAlert } from "./ErrorAlert";

interface Props<T> {
  query: UseQueryResult<T, Error>;
  children: (data: T) => ReactNode;
  /** Shown while the first answer is awaited. */
  skeleton?: ReactNode;
}

/** A query's states in one place: skeleton, failure with a retry button, data. A failed renewal keeps the data on screen. */
export function QueryView<T>({ query, children, skeleton }: Props<T>) {
  const { t } = useTranslation();
  if (query.data === undefined && !query.isError) {
    return (
      <div role="status" aria-busy="true" aria-label={t("list.loading")}>
        {skeleton ?? <RowsSkeleton />}
      </div>
    );
  }
  return (
    <>
      {query.isError && <ErrorAlert error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && children(query.data)}
    </>
  );
}

export function RowsSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <Stack gap="md" p="md">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={22} radius="sm" />
      ))}
    </Stack>
  );
}
