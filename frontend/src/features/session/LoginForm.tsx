import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { focusFirstField } from "@/components/focus";
import { useSubmit } from "@/components/form";
import { PasswordField } from "@/components/PasswordField";
import type { LoginMutation } from "@/gql/graphql";
import { organization } from "@/lib/organization";
import { login } from "./api";

interface Props {
  email: string;
  onAnswer: (payload: LoginMutation["login"], email: string) => void;
  /** Beside the button. */
  other?: ReactNode;
}

/** The portal sends no mail: a link for another password comes from an administrator. */
function ForgottenPassword() {
  const { t } = useTranslation();
  const house = organization();
  return (
    <details>
      <summary>{t("session.forgotten")}</summary>
      <Text size="sm" mt={6}>
        {house ? t("session.forgottenHelpOf", { house }) : t("session.forgottenHelp")}
      </Text>
      <Text size="sm" c="dimmed" mt={6}>
        {t("session.forgottenAdmin")}
      </Text>
    </details>
  );
}

/** The first half of a log-in: e-mail and password. */
export function LoginForm({ email, onAnswer, other }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { email, password: "" },
    validate: {
      email: (value) => (value.trim() ? null : t("form.required")),
      password: (value) => (value ? null : t("form.required")),
    },
  });
  const { submit, button, problems } = useSubmit({
    form,
    send: login,
    onDone: (payload) => onAnswer(payload, form.getValues().email),
  });
  return (
    <form onSubmit={submit} noValidate ref={focusFirstField}>
      <Stack gap="md">
        <TextInput
          label={t("session.email")}
          type="email"
          autoComplete="username"
          required
          data-autofocus={email ? undefined : true}
          {...form.getInputProps("email")}
        />
        <PasswordField
          label={t("session.password")}
          autoComplete="current-password"
          data-autofocus={email ? true : undefined}
          {...form.getInputProps("password")}
        />
        {problems}
        {!other && <ForgottenPassword />}
        <Group justify="flex-end" gap="sm" mt="xs">
          {other}
          <Button {...button} fullWidth={!other}>
            {t("session.login")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
