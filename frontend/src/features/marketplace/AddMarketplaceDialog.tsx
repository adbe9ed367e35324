import { SimpleGrid, Stack, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "@/components/form";
import { notify } from "@/components/notify";
import { AddMarketplaceForm } from "./MarketplaceForm";
import { providers } from "./providers";
import type { ProviderDefinition } from "./providers/definition";

interface Props {
  clientProductId: string;
  opened: boolean;
  onClose: () => void;
}

/** First the provider, from cards; then its fields. */
export function AddMarketplaceDialog({ clientProductId, opened, onClose }: Props) {
  const { t } = useTranslation();
  const [provider, setProvider] = useState<ProviderDefinition>();
  useEffect(() => {
    if (opened) setProvider(undefined);
  }, [opened]);
  return (
    <FormDialog opened={opened} onClose={onClose} title={t("marketplace.new")}>
      {provider ? (
        <AddMarketplaceForm
          clientProductId={clientProductId}
          provider={provider}
          onBack={() => setProvider(undefined)}
          onDone={() => notify.done(t("marketplace.added"))}
        />
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
                    {t(choice.card)}
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
