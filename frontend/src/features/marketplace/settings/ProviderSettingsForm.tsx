import { Checkbox, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { SecretField } from "@/components/SecretField";
import type { Provider, ProviderSettingInput, ProviderSettingKind } from "@/gql/graphql";
import { formatDateTime } from "@/lib/format";
import { request } from "@/lib/graphql";
import { type Setting, UpdateProviderSettings } from "./api";
import { useSettingTexts } from "./texts";
import { changedSettings, initialValues, isFixed, removalOf, type SettingValues } from "./values";

interface Props {
  provider: Provider;
  settings: readonly Setting[];
  onDone: () => void;
}

/** The settings of a provider. Only what changed is sent; a secret that is left empty stays as it is. */
export function ProviderSettingsForm({ provider, settings, onDone }: Props) {
  const { t } = useTranslation();
  const form = useForm<SettingValues>({ initialValues: initialValues(settings) });
  const sent = useRef<ProviderSettingInput[]>([]);
  return (
    <DialogForm
      form={form}
      // Errors name a setting by its place in what was sent.
      fieldFor={([, place]) => sent.current[Number(place)]?.name ?? place}
      submitLabel={t("action.save")}
      send={async (values) => {
        sent.current = changedSettings(settings, values);
        if (sent.current.length === 0) return { userErrors: [] };
        return (await request(UpdateProviderSettings, { input: { provider, settings: sent.current } }))
          .updateProviderSettings;
      }}
      onDone={onDone}
    >
      {settings.map((setting) =>
        isFixed(setting) ? (
          <FixedSetting key={setting.name} provider={provider} setting={setting} />
        ) : (
          <SettingField key={setting.name} provider={provider} setting={setting} form={form} />
        ),
      )}
    </DialogForm>
  );
}

interface FieldProps {
  provider: Provider;
  setting: Setting;
}

/** What the environment of the program sets, or it alone may set, is shown, and changed there. */
function FixedSetting({ provider, setting }: FieldProps) {
  const { t } = useTranslation();
  const { label, choice } = useSettingTexts(provider);
  const { name, kind, value, environmentVariable, source } = setting;
  const shown = kind === "SECRET" ? t("settings.secretSet") : kind === "CHOICE" && value ? choice(name, value) : value;
  return (
    <TextInput
      label={label(name)}
      description={
        <>
          {t(source === "ENVIRONMENT" ? "settings.fixed" : "settings.environmentOnly")}{" "}
          <span className="mono break">{environmentVariable}</span>
        </>
      }
      value={shown ?? ""}
      readOnly
      variant="filled"
    />
  );
}

/** How a kind of text is typed. */
const inputs: Partial<Record<ProviderSettingKind, { type?: string; inputMode?: "numeric" }>> = {
  NUMBER: { inputMode: "numeric" },
  DATE: { type: "date" },
};

function SettingField({ provider, setting, form }: FieldProps & { form: UseFormReturnType<SettingValues> }) {
  const { t } = useTranslation();
  const texts = useSettingTexts(provider);
  const { name, kind } = setting;
  const common = {
    label: texts.label(name),
    description: texts.help(name),
    required: setting.required && !setting.default && !setting.secret,
    ...form.getInputProps(name),
  };
  if (kind === "SECRET") return <SecretSetting setting={setting} form={form} {...common} />;
  if (kind === "CHOICE" || kind === "URL") {
    const standard = setting.default && texts.choice(name, setting.default);
    return (
      <NativeSelect
        {...common}
        data={[
          { value: "", label: standard ? t("settings.standard", { value: standard }) : t("settings.none") },
          ...setting.choices.map((value) => ({ value, label: texts.choice(name, value) })),
        ]}
      />
    );
  }
  return (
    <TextInput
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      maxLength={200}
      placeholder={setting.default ?? undefined}
      {...inputs[kind]}
      {...common}
    />
  );
}

type SecretProps = { setting: Setting; form: UseFormReturnType<SettingValues> } & Omit<
  React.ComponentProps<typeof SecretField>,
  "form"
>;

/** A secret of the installation: replaced by typing another, or taken away. */
function SecretSetting({ setting: { name, secret }, form, ...field }: SecretProps) {
  const { t, i18n } = useTranslation();
  const removal = removalOf(name);
  const removed = form.values[removal] === "yes";
  return (
    <Stack gap="xs">
      <SecretField {...field} disabled={removed} maxLength={4096} />
      {secret && (
        <>
          <Text size="xs" c="dimmed">
            {t("marketplace.secretSet", {
              when: formatDateTime(secret.setAt, i18n.language),
              who: secret.setBy,
              fingerprint: secret.fingerprint,
            })}
          </Text>
          <Checkbox
            label={t("settings.remove", { name: String(field.label) })}
            checked={removed}
            onChange={(event) => form.setFieldValue(removal, event.currentTarget.checked ? "yes" : "")}
          />
        </>
      )}
    </Stack>
  );
}
