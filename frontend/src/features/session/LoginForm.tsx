import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSubmit } from "@/components/form";
import { login } from "./api";

interface Props {
  email?: string;
  onDone: () => void;
  /** Beside the button. */
  other?: ReactNode;
}

export function LoginForm({ email = "", onDone, other }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { email, password: "" },
    validate: {
      email: (value) => (value.trim() ? null : t("form.required")),
      password: (value) => (value ? null : t("form.required")),
    },
  });
  const { submit, pending, problems } = useSubmit({ form, send: login, onDone });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t("session.email")}
          type="email"
          autoComplete="username"
          required
          data-autofocus={email ? undefined : true}
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t("session.password")}
          autoComplete="current-password"
          required
          data-autofocus={email ? true : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("action.reveal"), tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        {problems}
        <Group justify="flex-end" gap="sm" mt="xs">
          {other}
          <Button type="submit" loading={pending} fullWidth={!other}>
            {t("session.login")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
