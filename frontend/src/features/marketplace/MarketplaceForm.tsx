import { Alert, Button, Group, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconArrowLeft, IconInfoCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { SecretField } from "@/components/SecretField";
import type { MarketplaceFieldsFragment, SecretFieldsFragment } from "@/gql/graphql";
import { formatDateTime } from "@/lib/format";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { AddMarketplace, UpdateMarketplace } from "./api";
import { providerOf } from "./providers";
import type { Field, ProviderDefinition } from "./providers/definition";

const fieldFor = (path: readonly string[]) => (path[0] === "config" ? path[2] : path[0]);

interface AddProps {
  clientProductId: string;
  provider: ProviderDefinition;
  onBack: () => void;
  onDone: () => void;
}

/** Step 2 of the order: the description and what the provider needs. */
export function AddMarketplaceForm({ clientProductId, provider, onBack, onDone }: AddProps) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useMarketplaceForm(provider);
  return (
    <DialogForm
      form={form}
      fieldFor={fieldFor}
      submitLabel={t("marketplace.add")}
      send={async ({ description, ...values }) => {
        const input = { clientProductId, description: description ?? "", config: provider.toInput(values) };
        return (await request(AddMarketplace, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .addMarketplace;
      }}
      onDone={onDone}
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
      <Fields provider={provider} form={form} />
    </DialogForm>
  );
}

interface EditProps {
  marketplace: MarketplaceFieldsFragment;
  onDone: () => void;
}

/** Changes a connection. Secrets that are left empty stay as they are. */
export function EditMarketplaceForm({ marketplace, onDone }: EditProps) {
  const { t } = useTranslation();
  const provider = providerOf(marketplace.provider);
  const form = useMarketplaceForm(provider, marketplace);
  return (
    <DialogForm
      form={form}
      fieldFor={fieldFor}
      submitLabel={t("action.save")}
      send={async ({ description, ...values }) =>
        (
          await request(UpdateMarketplace, {
            input: { id: marketplace.id, description, config: provider.toUpdate(values) },
          })
        ).updateMarketplace
      }
      onDone={onDone}
    >
      <Fields provider={provider} form={form} secrets={provider.read(marketplace.config).secrets} />
    </DialogForm>
  );
}

type Form = ReturnType<typeof useMarketplaceForm>;

function useMarketplaceForm(provider: ProviderDefinition, marketplace?: MarketplaceFieldsFragment) {
  const { t } = useTranslation();
  const settings = marketplace ? provider.read(marketplace.config).settings : {};
  const mayStayEmpty = (field: Field) => field.optional || (marketplace !== undefined && field.secret);
  return useForm<Record<string, string>>({
    initialValues: {
      description: marketplace?.description ?? "",
      ...Object.fromEntries(provider.fields.map(({ name }) => [name, settings[name] ?? ""])),
    },
    validate: (values) => {
      const errors: Record<string, string> = {};
      if (!values.description?.trim()) errors.description = t("form.required");
      for (const field of provider.fields) {
        if (!values[field.name]?.trim() && !mayStayEmpty(field)) errors[field.name] = t("form.required");
      }
      for (const [name, key] of Object.entries(provider.check?.(values) ?? {})) {
        if (key) errors[name] ??= t(key);
      }
      return errors;
    },
  });
}

interface FieldsProps {
  provider: ProviderDefinition;
  form: Form;
  /** Of a connection that is changed: what is set. */
  secrets?: Readonly<Record<string, SecretFieldsFragment | null | undefined>>;
}

function Fields({ provider, form, secrets }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const secretHelp = (secret: SecretFieldsFragment) =>
    t("marketplace.secretSet", {
      when: formatDateTime(secret.setAt, i18n.language),
      who: secret.setBy,
      fingerprint: secret.fingerprint,
    });
  return (
    <>
      <TextInput
        label={t("marketplace.description")}
        description={t("marketplace.descriptionHelp")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("description")}
      />
      {provider.instructions && (
        <Alert icon={<IconInfoCircle />} title={t("marketplace.instructions")}>
          <Text size="sm" style={{ whiteSpace: "pre-line" }}>
            {t(provider.instructions)}
          </Text>
        </Alert>
      )}
      {provider.fields.map((field) => {
        const secret = secrets?.[field.name];
        const common = {
          label: t(field.label),
          description: secret ? secretHelp(secret) : field.help && t(field.help),
          required: !field.optional && !secret,
          maxLength: field.maxLength,
          ...form.getInputProps(field.name),
        };
        return field.secret ? (
          <SecretField key={field.name} {...common} />
        ) : (
          <TextInput key={field.name} autoComplete="off" autoCapitalize="off" spellCheck={false} {...common} />
        );
      })}
    </>
  );
}
