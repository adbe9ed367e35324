import { Button, Group, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconArrowLeft, IconKey } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import type { ProviderDefinition } from "@/providers/definition";
import { ConnectMarketplace } from "./api";

interface Props {
  clientProductId: string;
  provider: ProviderDefinition;
  onBack: () => void;
  /** The credentials are to be typed after all. */
  onType: () => void;
  onDone: (marketplace: MarketplaceFieldsFragment) => void;
}

/** A new connection whose credentials the portal itself gets: nothing is pasted, and the name is there already. */
export function ConnectForm({ clientProductId, provider, onBack, onType, onDone }: Props) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: { description: provider.name },
    validate: { description: (text) => (text.trim() ? null : t("form.required")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("connect.action")}
      send={async ({ description }) => {
        const input = { clientProductId, description, provider: provider.id };
        return (await request(ConnectMarketplace, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .connectMarketplace;
      }}
      onDone={({ marketplace }) => marketplace && onDone(marketplace)}
    >
      <Group justify="space-between">
        <Group gap="xs">
          <provider.icon size={20} aria-hidden />
          <Text fw={600}>{provider.name}</Text>
        </Group>
        <Button variant="subtle" size="compact-sm" leftSection={<IconArrowLeft size={16} />} onClick={onBack}>
          {t("marketplace.otherProvider")}
        </Button>
      </Group>
      <Text size="sm">{t("connect.lead", { provider: provider.name })}</Text>
      <TextInput
        label={t("marketplace.description")}
        description={t("marketplace.descriptionHelp")}
        required
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("description")}
      />
      <div>
        <Button variant="subtle" size="compact-sm" leftSection={<IconKey size={16} />} onClick={onType}>
          {t("connect.type")}
        </Button>
      </div>
    </DialogForm>
  );
}
