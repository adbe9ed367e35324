import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/lib/transport";

/** What went wrong and what to do, in a sentence. */
export function describeError(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.unknown");
  switch (error.code) {
    case "NETWORK":
      return t("error.network");
    case "BUSY":
      return t("error.busy");
    case "THROTTLED":
      return error.retryAfter === undefined
        ? t("error.throttled")
        : t("error.throttledFor", { count: error.retryAfter });
    case "FORBIDDEN":
      return t("error.forbidden");
    case "UNAUTHENTICATED":
      return t("error.unauthenticated");
    case "INTERNAL":
      return error.requestId ? t("error.internalWithId", { id: error.requestId }) : t("error.internal");
    default:
      return error.message;
  }
}

/** A failure of a request, with a way on. */
export function ErrorAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle />} title={t("error.title")}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" className="break">
          {describeError(t, error)}
        </Text>
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("action.retry")}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
