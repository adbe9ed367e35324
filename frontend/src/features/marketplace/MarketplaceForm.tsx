import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconArrowLeft, IconInfoCircle } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "@/components/edit";
import { DialogForm, fieldErrors } from "@/components/form";
import { SecretField } from "@/components/SecretField";
import type { MarketplaceFieldsFragment, SecretFieldsFragment } from "@/gql/graphql";
import { formatDateTime } from "@/lib/format";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { splitUserErrors } from "@/lib/userErrors";
import { providerOf } from "@/providers";
import type { Field, ProviderDefinition } from "@/providers/definition";
import { readConfig } from "@/providers/saved";
import { useProviderText } from "@/providers/texts";
import { AddMarketplace, TestMarketplaceConfig, UpdateMarketplace } from "./api";
import { type Finding, TestAnswer, TestButton, useConnectionTest, useSavedTest } from "./ConnectionTest";
import { useProviderStatus } from "./providerStatus";

const fieldFor = (path: readonly string[]) => (path[0] === "config" ? path[2] : path[0]);

interface AddProps {
  clientProductId: string;
  provider: ProviderDefinition;
  onBack: () => void;
  onDone: (marketplace: MarketplaceFieldsFragment) => void;
}

/** Step 2 of the order: the description and what the provider needs. */
export function AddMarketplaceForm({ clientProductId, provider, onBack, onDone }: AddProps) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useMarketplaceForm(provider);
  const status = useProviderStatus(provider.id);
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
      <Fields provider={provider} form={form} />
      {!status?.installable && (
        <FormTest form={form} provider={provider} ask={() => testTyped(form, provider, clientProductId)} />
      )}
    </DialogForm>
  );
}

interface EditProps {
  clientProductId: string;
  marketplace: MarketplaceFieldsFragment;
  onDone: () => void;
}

/** Changes a connection. Secrets that are left empty stay as they are. */
export function EditMarketplaceForm({ clientProductId, marketplace, onDone }: EditProps) {
  const { t } = useTranslation();
  const provider = providerOf(marketplace.provider);
  const form = useMarketplaceForm(provider, marketplace);
  const status = useProviderStatus(provider.id);
  const testSaved = useSavedTest(marketplace.id);
  const shownOf = useShown(provider);
  const edit = useEdit({ form, object: marketplace, valuesOf: (now) => valuesOf(provider, now), shownOf });

  const ask = () => {
    const changed = provider.fields.some(({ name }) => form.isDirty(name));
    if (status?.installable || !changed) return testSaved();
    // What is saved is never read, so that new settings can be tried only together with all secrets.
    const missing = provider.fields.filter(({ name, secret }) => secret && !form.values[name]);
    if (missing.length === 0) return testTyped(form, provider, clientProductId);
    form.setErrors(Object.fromEntries(missing.map(({ name }) => [name, t("test.secretNeeded")])));
    return Promise.resolve(null);
  };

  return (
    <DialogForm
      form={form}
      fieldFor={fieldFor}
      edit={edit}
      submitLabel={t("action.save")}
      send={async ({ description, ...values }) => {
        const input = { id: marketplace.id, version: edit.version, description, config: provider.toUpdate(values) };
        return (await request(UpdateMarketplace, { input })).updateMarketplace;
      }}
      onDone={onDone}
    >
      <Fields provider={provider} form={form} secrets={readConfig(marketplace.config).secrets} />
      {marketplace.health.reason !== "WAITING_FOR_MERCHANT" && <FormTest form={form} provider={provider} ask={ask} />}
    </DialogForm>
  );
}

/** What the form has for a connection that nobody has typed into. Secrets are never read. */
function valuesOf(provider: ProviderDefinition, marketplace?: MarketplaceFieldsFragment): Record<string, string> {
  const settings = marketplace ? readConfig(marketplace.config).settings : {};
  return {
    description: marketplace?.description ?? "",
    ...Object.fromEntries(provider.fields.map(({ name }) => [name, settings[name] ?? ""])),
  };
}

/** What is told of a change by somebody else: of a secret, who set it and when. */
function useShown(provider: ProviderDefinition) {
  const { t, i18n } = useTranslation();
  const text = useProviderText();
  return (marketplace: MarketplaceFieldsFragment) => {
    const { settings, secrets } = readConfig(marketplace.config);
    const told = (name: string) => {
      const secret = secrets[name];
      return secret
        ? `${t("marketplace.setBy", { who: secret.setBy })} ${formatDateTime(secret.setAt, i18n.language)}`
        : (settings[name] ?? "");
    };
    return {
      [t("marketplace.description")]: marketplace.description,
      ...Object.fromEntries(provider.fields.map(({ name }) => [text(provider.id, name) ?? name, told(name)])),
    };
  };
}

type Form = ReturnType<typeof useMarketplaceForm>;

function useMarketplaceForm(provider: ProviderDefinition, marketplace?: MarketplaceFieldsFragment) {
  const { t } = useTranslation();
  const text = useProviderText();
  const mayStayEmpty = (field: Field) => field.optional || (marketplace !== undefined && field.secret);
  return useForm<Record<string, string>>({
    initialValues: valuesOf(provider, marketplace),
    validate: (values) => {
      const errors: Record<string, string> = {};
      if (!values.description?.trim()) errors.description = t("form.required");
      for (const field of provider.fields) {
        if (!values[field.name]?.trim() && !mayStayEmpty(field)) errors[field.name] = t("form.required");
      }
      for (const [name, wrong] of Object.entries(provider.check?.(values) ?? {}))
        errors[name] ??= text(provider.id, wrong) ?? wrong;
      return errors;
    },
  });
}

/** Asks the provider about what is typed, without saving it; mistakes are shown where they are. */
async function testTyped(form: Form, provider: ProviderDefinition, clientProductId: string): Promise<Finding | null> {
  const wrong = provider.fields.filter(({ name }) => form.validateField(name).hasError);
  if (wrong[0]) {
    form.getInputNode(wrong[0].name)?.focus();
    return null;
  }
  const input = { clientProductId, config: provider.toInput(form.getValues()) };
  const { result, userErrors } = (await request(TestMarketplaceConfig, { input })).testMarketplaceConfig;
  const { fields, general } = splitUserErrors(userErrors, (name) => name in form.getValues(), fieldFor);
  form.setErrors(fieldErrors(fields));
  return result || general.length > 0 ? { result, userErrors: general } : null;
}

interface FormTestProps {
  form: Form;
  provider: ProviderDefinition;
  ask: () => Promise<Finding | null>;
}

/** The test of a form. Its answer goes when something else is typed: it would be another's. */
function FormTest({ form, provider, ask }: FormTestProps) {
  const test = useConnectionTest();
  const { reset } = test;
  const typed = JSON.stringify(provider.fields.map(({ name }) => form.values[name]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed makes the answer old
  useEffect(reset, [typed, reset]);
  return (
    <Stack gap="xs" align="flex-start">
      <TestButton test={test} onClick={() => test.mutate(ask)} />
      <TestAnswer test={test} />
    </Stack>
  );
}

interface FieldsProps {
  provider: ProviderDefinition;
  form: Form;
  /** Of a connection that is changed: what is set. */
  secrets?: Readonly<Record<string, SecretFieldsFragment | null | undefined>>;
}

function Fields({ provider, form, secrets }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const text = useProviderText();
  const instructions = text(provider.id, "instructions");
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
      {instructions && (
        <Alert icon={<IconInfoCircle />} title={t("marketplace.instructions")}>
          <Text size="sm" style={{ whiteSpace: "pre-line" }}>
            {instructions}
          </Text>
        </Alert>
      )}
      {provider.fields.map((field) => {
        const secret = secrets?.[field.name];
        const common = {
          label: text(provider.id, field.name) ?? field.name,
          description: secret ? secretHelp(secret) : text(provider.id, `${field.name}Help`),
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
