import { SimpleGrid, Stack, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "@/components/form";
import { notify } from "@/components/notify";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { providers } from "@/providers";
import type { ProviderDefinition } from "@/providers/definition";
import { useProviderText } from "@/providers/texts";
import { ConnectForm } from "./ConnectForm";
import { AddMarketplaceForm } from "./MarketplaceForm";
import { useProviderStatuses } from "./providerStatus";

interface Props {
  clientProductId: string;
  /** Name of the client. */
  client: string;
  opened: boolean;
  onClose: () => void;
  /** It was added, and its merchant must install the application. */
  onInstall: (marketplace: MarketplaceFieldsFragment) => void;
}

/** First the provider, from cards; then its fields; then, where a merchant installs, the ways to do it. */
export function AddMarketplaceDialog({ clientProductId, client, opened, onClose, onInstall }: Props) {
  const { t } = useTranslation();
  const text = useProviderText();
  const statuses = useProviderStatuses().data?.providers;
  const [provider, setProvider] = useState<ProviderDefinition>();
  const [types, setTypes] = useState(false);
  useEffect(() => {
    if (opened) setProvider(undefined);
  }, [opened]);
  useEffect(() => {
    if (!provider) setTypes(false);
  }, [provider]);
  const back = () => setProvider(undefined);
  const done = (marketplace: MarketplaceFieldsFragment) => {
    notify.done(t("marketplace.added"));
    const added = statuses?.find((status) => status.provider === marketplace.provider);
    if (added?.installable) onInstall(marketplace);
  };
  const mintable = statuses?.find((status) => status.provider === provider?.id)?.mintable;
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("marketplace.newFor", { client })}>
      {provider && mintable && !types ? (
        <ConnectForm
          clientProductId={clientProductId}
          provider={provider}
          onBack={back}
          onType={() => setTypes(true)}
          onDone={done}
        />
      ) : provider ? (
        <AddMarketplaceForm clientProductId={clientProductId} provider={provider} onBack={back} onDone={done} />
      ) : (
        <Stack gap="sm">
          <Text size="sm">{t("marketplace.chooseProvider")}</Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }} component="ul" className="plain-list">
            {providers.map((choice, index) => (
              <li key={choice.id}>
                <UnstyledButton
                  className="provider-card"
                  w="100%"
                  data-autofocus={index === 0 || undefined}
                  onClick={() => setProvider(choice)}
                >
                  <choice.icon size={26} stroke={1.6} color="var(--mantine-color-anchor)" aria-hidden />
                  <Text fw={600} mt={6}>
                    {choice.name}
                  </Text>
                  <Text size="sm" c="dimmed">
                    {text(choice.id, "card")}
                  </Text>
                </UnstyledButton>
              </li>
            ))}
          </SimpleGrid>
        </Stack>
      )}
    </FormDialog>
  );
}
