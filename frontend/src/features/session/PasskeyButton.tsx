import { Button, Stack } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useSecondsUntil } from "@/components/countdown";
import { ErrorAlert } from "@/components/ErrorAlert";
import { UserErrors } from "@/components/UserErrors";
import { ApiError } from "@/lib/transport";
import type { UserError } from "@/lib/userErrors";

interface Props {
  label: string;
  /** Asks the passkey and sends its answer. */
  ask: () => Promise<{ userErrors: readonly UserError[] }>;
  onDone: () => void;
}

/** Proves who it is with a passkey, in one press. */
export function PasskeyButton({ label, ask, onDone }: Props) {
  const mutation = useMutation({
    mutationFn: ask,
    onSuccess: ({ userErrors }) => {
      if (userErrors.length === 0) onDone();
    },
  });
  const wait = useSecondsUntil(mutation.error instanceof ApiError ? mutation.error.retryAt : undefined);
  return (
    <Stack gap="sm">
      <Button
        variant="default"
        fullWidth
        leftSection={<IconFingerprint size={18} />}
        loading={mutation.isPending}
        disabled={wait > 0}
        onClick={() => mutation.mutate()}
      >
        {label}
      </Button>
      <UserErrors errors={mutation.data?.userErrors} />
      {mutation.isError && <ErrorAlert error={mutation.error} />}
    </Stack>
  );
}
