import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconTerminal2 } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSubmit } from "@/components/form";
import { createFirstAdministrator } from "./api";
import { setupToken } from "./linkSecret";

export function SetupForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const link = setupToken.use();
  const form = useForm({
    initialValues: { setupToken: link, name: "", email: "", password: "" },
    validate: {
      setupToken: (value) => (setupToken.of(value) ? null : t("form.required")),
      name: (value) => (value.trim() ? null : t("form.required")),
      email: (value) => (value.trim() ? null : t("form.required")),
      password: (value) => (value.length >= 15 ? null : t("setup.passwordLength")),
    },
  });
  const { setFieldValue } = form;
  useEffect(() => setFieldValue("setupToken", link), [link, setFieldValue]);
  const { submit, button, problems } = useSubmit({
    form,
    send: (values) => createFirstAdministrator({ ...values, setupToken: setupToken.of(values.setupToken) }),
    onDone,
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {!link && (
          <Alert icon={<IconTerminal2 />} title={t("setup.linkTitle")} color="yellow">
            {t("setup.linkBody")}
          </Alert>
        )}
        {(!link || form.errors.setupToken) && (
          <TextInput
            label={t("setup.token")}
            description={t("setup.tokenHelp")}
            autoComplete="off"
            spellCheck={false}
            required
            {...form.getInputProps("setupToken")}
          />
        )}
        <TextInput label={t("setup.name")} autoComplete="name" required {...form.getInputProps("name")} />
        <TextInput
          label={t("session.email")}
          type="email"
          autoComplete="username"
          required
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t("session.password")}
          description={t("setup.passwordHelp")}
          autoComplete="new-password"
          required
          visibilityToggleButtonProps={{ "aria-label": t("action.reveal"), tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        {problems}
        <Button {...button} mt="xs">
          {t("setup.submit")}
        </Button>
      </Stack>
    </form>
  );
}
