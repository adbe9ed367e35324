import { Alert, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/CopyButton";
import { Fact } from "@/components/Fact";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { notify } from "@/components/notify";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { Provider, ProviderFieldsFragment } from "@/gql/graphql";
import { formatDay } from "@/lib/format";
import { providerOf } from "@/providers";
import type { Setting } from "./api";
import { useSettingTexts } from "./texts";

const ProviderSettingsForm = later(() =>
  import("./ProviderSettingsForm").then((module) => module.ProviderSettingsForm),
);

/** A provider of this installation: whether it can work, what to type at the provider, and its settings. */
export function ProviderSettingsSection({ status }: { status: ProviderFieldsFragment }) {
  const { t } = useTranslation();
  const { name } = providerOf(status.provider);
  const [editing, setEditing] = useState(false);
  const settings = status.settings ?? [];
  return (
    <Section
      title={name}
      description={
        <Badge color={status.configured ? "green" : "yellow"} variant="light">
          {t(status.configured ? "settings.configured" : "settings.notConfigured")}
        </Badge>
      }
      actions={
        settings.length > 0 && (
          <Button
            variant="default"
            leftSection={<IconPencil size={18} />}
            aria-label={t("settings.edit", { name })}
            onClick={() => setEditing(true)}
          >
            {t("action.edit")}
          </Button>
        )
      }
    >
      {status.message && (
        <Alert color="yellow" role="note" icon={<IconAlertTriangle />}>
          {status.message}
        </Alert>
      )}
      {status.houseRefusedAt && (
        <Alert color="red" role="note" icon={<IconAlertTriangle />}>
          {t("settings.houseRefused")} <TimeText value={status.houseRefusedAt} as="minute" />. {t("settings.houseMend")}
        </Alert>
      )}
      {status.addresses.length > 0 && <Addresses addresses={status.addresses} />}
      <dl className="facts">
        {settings.map((setting) => (
          <SettingFact key={setting.name} provider={status.provider} setting={setting} />
        ))}
      </dl>
      <FormDialog opened={editing} onClose={() => setEditing(false)} title={t("settings.edit", { name })}>
        <ProviderSettingsForm
          provider={status.provider}
          settings={settings}
          onDone={() => notify.done(t("settings.saved"))}
        />
      </FormDialog>
    </Section>
  );
}

function Addresses({ addresses }: Pick<ProviderFieldsFragment, "addresses">) {
  const { t } = useTranslation();
  return (
    <div>
      <Title order={3} fz="md" mb={4}>
        {t("settings.addresses")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("settings.addressesHelp")}
      </Text>
      <Stack component="ul" className="plain-list" gap="sm">
        {addresses.map(({ topic, url }) => {
          const label = topic === "REDIRECT" ? t("settings.redirect") : t("settings.webhook", { topic });
          return (
            <Group key={topic} component="li" justify="space-between" gap="xs">
              <div>
                <Text size="sm" c="dimmed">
                  {label}
                </Text>
                <span className="mono break">{url}</span>
              </div>
              <CopyButton
                text={url}
                size="xs"
                label={t("settings.copy")}
                aria-label={t("settings.copyNamed", { name: label })}
              />
            </Group>
          );
        })}
      </Stack>
    </div>
  );
}

function SettingFact({ provider, setting }: { provider: Provider; setting: Setting }) {
  const { t } = useTranslation();
  const { label } = useSettingTexts(provider);
  return (
    <Fact label={label(setting.name)}>
      <SettingValue provider={provider} setting={setting} />
      {setting.source === "ENVIRONMENT" && (
        <Text size="xs" c="dimmed">
          {t("settings.fromEnvironment")} <span className="mono break">{setting.environmentVariable}</span>
        </Text>
      )}
    </Fact>
  );
}

function SettingValue({ provider, setting }: { provider: Provider; setting: Setting }) {
  const { t, i18n } = useTranslation();
  const { choice } = useSettingTexts(provider);
  const { name, kind, secret, source, required } = setting;
  const value = setting.value ?? setting.default;
  if (secret) {
    return (
      <>
        {t("marketplace.setBy", { who: secret.setBy })} <TimeText value={secret.setAt} />
        <Text size="xs" c="dimmed">
          {t("marketplace.fingerprint")} <span className="mono">{secret.fingerprint}</span>
        </Text>
      </>
    );
  }
  if (kind === "SECRET" && source === "ENVIRONMENT") return t("settings.secretSet");
  if (!value) return required ? <Text className="warning">{t("settings.missing")}</Text> : t("settings.none");
  return (
    <>
      {kind === "CHOICE" ? choice(name, value) : kind === "DATE" ? formatDay(value, i18n.language) : value}
      {source === "DEFAULT" && (
        <Text span inherit c="dimmed">
          {" "}
          {t("settings.isDefault")}
        </Text>
      )}
    </>
  );
}
