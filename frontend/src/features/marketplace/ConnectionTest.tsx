import { Alert, Button, type ButtonProps, Group, Loader, Stack, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconClockHour4,
  IconHelpCircle,
  IconPlugConnected,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ErrorAlert } from "@/components/ErrorAlert";
import { UserErrors } from "@/components/UserErrors";
import type { MarketplaceTestFieldsFragment, MarketplaceTestOutcome } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import type { UserError } from "@/lib/userErrors";
import { Account, ProviderWords, TechnicalDetail } from "./Account";
import { TestMarketplace } from "./api";

/** What a test came to. Without a result and without errors it still runs at the provider. */
export interface Finding {
  result: MarketplaceTestFieldsFragment | null;
  userErrors: readonly UserError[];
}

/** A test of a connection: null when there was nothing to be asked. */
export type ConnectionTest = UseMutationResult<Finding | null, Error, () => Promise<Finding | null>>;

export function useConnectionTest(): ConnectionTest {
  return useMutation({ mutationFn: (ask: () => Promise<Finding | null>) => ask() });
}

/** Checks a saved connection, which also sets its health. */
export function useSavedTest(id: string) {
  const queryClient = useQueryClient();
  return async (): Promise<Finding> => {
    try {
      return (await request(TestMarketplace, { input: { id } })).testMarketplace;
    } finally {
      void queryClient.invalidateQueries();
    }
  };
}

interface ButtonOptions extends ButtonProps {
  test: ConnectionTest;
  onClick: () => void;
  /** What is tested, where the page has more than one. */
  name?: string;
}

export function TestButton({ test, name, onClick, ...props }: ButtonOptions) {
  const { t } = useTranslation();
  return (
    <Button
      variant="default"
      leftSection={<IconPlugConnected size={16} />}
      loading={test.isPending}
      aria-label={name && t("test.named", { name })}
      onClick={onClick}
      {...props}
    >
      {t("test.action")}
    </Button>
  );
}

const looks: Record<MarketplaceTestOutcome, { color: string; icon: typeof IconCircleCheck }> = {
  OK: { color: "green", icon: IconCircleCheck },
  REFUSED: { color: "red", icon: IconCircleX },
  SUSPENDED: { color: "red", icon: IconAlertTriangle },
  UNREACHABLE: { color: "yellow", icon: IconPlugConnectedX },
  NOT_TESTABLE: { color: "gray", icon: IconHelpCircle },
};

/** How a test ended, said to screen readers as well. It can be closed. */
export function TestAnswer({ test }: { test: ConnectionTest }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {test.isPending && (
        <Group gap="xs" wrap="nowrap">
          <Loader size="xs" aria-hidden />
          <Text size="sm">{t("test.running")}</Text>
        </Group>
      )}
      {test.isError && <ErrorAlert error={test.error} />}
      {test.data && <Answer {...test.data} onClose={test.reset} />}
    </div>
  );
}

function Answer({ result, userErrors, onClose }: Finding & { onClose: () => void }) {
  const { t } = useTranslation();
  if (userErrors.length > 0) return <UserErrors errors={userErrors} />;
  if (!result) {
    return (
      <Alert color="gray" role="note" icon={<IconClockHour4 />}>
        {t("test.goesOn")}
      </Alert>
    );
  }
  const { color, icon: Icon } = looks[result.outcome];
  return (
    <Alert
      color={color}
      role="note"
      icon={<Icon />}
      title={t(`test.outcome.${result.outcome}`)}
      withCloseButton
      closeButtonLabel={t("test.close")}
      onClose={onClose}
    >
      <Stack gap={6}>
        <Text size="sm">{result.message}</Text>
        {result.identityWarning && (
          <Group gap={6} wrap="nowrap" align="flex-start" className="warning">
            <IconAlertTriangle size={18} aria-hidden />
            <Text size="sm" fw={600}>
              {result.identityWarning}
            </Text>
          </Group>
        )}
        {result.account && (
          <Text size="sm" component="div">
            <Account account={result.account} />
          </Text>
        )}
        {result.providerMessage && <ProviderWords text={result.providerMessage} />}
        {result.technicalDetail && <TechnicalDetail text={result.technicalDetail} />}
      </Stack>
    </Alert>
  );
}
