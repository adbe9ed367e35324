import { Alert, Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatWait } from "@/lib/format";
import { PasskeyError } from "@/lib/passkey";
import { ApiError, isCancelled } from "@/lib/transport";
import { useSecondsUntil } from "./countdown";

/** What went wrong and what to do, in a sentence. */
export function describeError(t: TFunction, error: unknown): string {
  if (error instanceof PasskeyError) return t(`error.passkey.${error.reason}`);
  if (!(error instanceof ApiError)) return t("error.unknown");
  switch (error.code) {
    case "NETWORK":
      return t("error.network");
    case "BUSY":
      // The portal's own answer says what it cannot do now; a proxy's has no request id.
      return error.requestId ? error.message : t("error.busy");
    case "THROTTLED":
      return t("error.throttled");
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

/** A failure of a request, with a way on. Turning back is none. */
export function ErrorAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  if (isCancelled(error)) return null;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle />} title={t("error.title")}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" className="break" component="div">
          {describeError(t, error)}
          {error instanceof ApiError && error.retryAt !== undefined && <Countdown until={error.retryAt} />}
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

/** How long to wait still. It is seen to count down, and heard only at its beginning and at its end. */
function Countdown({ until }: { until: number }) {
  const { t, i18n } = useTranslation();
  const left = useSecondsUntil(until);
  const [whole] = useState(left);
  const sentence = (seconds: number) => t("error.waitFor", { time: formatWait(seconds, i18n.language) });
  if (left === 0) return <div>{t("error.waitOver")}</div>;
  return (
    <div>
      <span aria-hidden>{sentence(left)}</span>
      <VisuallyHidden>{sentence(whole)}</VisuallyHidden>
    </div>
  );
}
