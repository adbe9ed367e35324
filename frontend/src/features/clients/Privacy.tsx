import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertTriangle, IconDownload, IconEraser, IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { DialogForm, FormDialog } from "@/components/form";
import { ButtonLink } from "@/components/links";
import { notify } from "@/components/notify";
import { Section } from "@/components/Section";
import type { ClientFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { saveFile } from "@/lib/saveFile";
import { useAbilities } from "@/lib/session";
import { EraseClient, ExportClient } from "./api";

/** What the client may ask for by law: its trail, its data, and to be erased. */
export function PrivacySection({ client }: { client: ClientFieldsFragment }) {
  const { t } = useTranslation();
  const { write, administer } = useAbilities();
  const { run, pending } = useAction();
  const [erasing, setErasing] = useState(false);
  if (!write) return null;

  const download = () =>
    run(async () => {
      const { exportClient } = await request(ExportClient, { input: { id: client.id } });
      const { content, fileName } = exportClient;
      if (content !== null && fileName !== null) saveFile(fileName, content);
      return exportClient;
    }, t("privacy.exported"));

  return (
    <div className="no-print">
      <Section title={t("privacy.title")} description={administer ? t("privacy.lead") : undefined}>
        <Group gap="sm">
          <ButtonLink
            variant="default"
            leftSection={<IconHistory size={18} />}
            to="/auditoria"
            search={{ client: client.id }}
          >
            {t("privacy.trail")}
          </ButtonLink>
          {administer && !client.erasedAt && (
            <Button
              variant="default"
              leftSection={<IconDownload size={18} />}
              loading={pending}
              onClick={() => void download()}
            >
              {t("privacy.export")}
            </Button>
          )}
        </Group>
        {administer && !client.erasedAt && (
          <Group className="destroys" justify="space-between" gap="sm">
            <Text size="sm" className="line-text">
              {t("privacy.eraseLead")}
            </Text>
            <Button variant="light" color="red" leftSection={<IconEraser size={18} />} onClick={() => setErasing(true)}>
              {t("privacy.erase")}
            </Button>
          </Group>
        )}
      </Section>
      <FormDialog
        opened={erasing}
        onClose={() => setErasing(false)}
        title={t("privacy.eraseTitle", { name: client.name })}
      >
        <EraseForm client={client} />
      </FormDialog>
    </div>
  );
}

/** Asks for the document once more, so that nobody erases the wrong client. */
export function EraseForm({ client }: { client: ClientFieldsFragment }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { document: "" },
    validate: { document: (value) => (value.trim() ? null : t("form.required")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("privacy.eraseNow", { name: client.name })}
      destroys
      send={async ({ document }) => (await request(EraseClient, { input: { id: client.id, document } })).eraseClient}
      onDone={() => notify.done(t("privacy.erased"))}
    >
      <Alert color="red" icon={<IconAlertTriangle />}>
        <Stack gap="xs">
          <Text size="sm">{t("privacy.eraseBody")}</Text>
          <Text size="sm" fw={600}>
            {t("privacy.eraseForGood")}
          </Text>
        </Stack>
      </Alert>
      <TextInput
        label={t("privacy.confirm", { document: client.documentFormatted })}
        required
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        {...form.getInputProps("document")}
      />
    </DialogForm>
  );
}
