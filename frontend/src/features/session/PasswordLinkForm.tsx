import { Alert, Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSubmit } from "@/components/form";
import { AnchorLink } from "@/components/links";
import { PasswordField } from "@/components/PasswordField";
import { QueryView } from "@/components/QueryView";
import type { PasswordLinkQuery, SecondFactorFieldsFragment } from "@/gql/graphql";
import { passwordLink, setPassword } from "./api";
import { passwordLinkSecret } from "./linkSecret";
import { SecondFactorForm } from "./SecondFactorForm";

interface Props {
  onDone: () => void;
  /** The password is set, but the log-in must begin again. */
  onAgain: (reason?: string) => void;
}

/** Sets the password of whoever has the link of an invitation or a reset, and logs in. */
export function PasswordLinkForm({ onDone, onAgain }: Props) {
  const link = passwordLinkSecret.use();
  const [dead, setDead] = useState(false);
  const [secondFactor, setSecondFactor] = useState<SecondFactorFieldsFragment | null>(null);
  // Asked once: the link does not work any more when it has been used, which is no news then.
  const found = useQuery({
    queryKey: ["PasswordLink", link],
    queryFn: () => passwordLink(link),
    enabled: link !== "",
    staleTime: "static",
    gcTime: 0,
  });
  if (secondFactor) return <SecondFactorForm secondFactor={secondFactor} onDone={onDone} onBack={onAgain} />;
  if (link === "" || dead) return <DeadLink />;
  return (
    <QueryView query={found}>
      {(whose) =>
        whose ? (
          <NewPassword
            key={link}
            whose={whose}
            link={link}
            onDead={() => setDead(true)}
            onAnswer={(asked) => (asked ? setSecondFactor(asked) : onDone())}
          />
        ) : (
          <DeadLink />
        )
      }
    </QueryView>
  );
}

function DeadLink() {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Alert color="yellow" role="alert" title={t("passwordLink.deadTitle")}>
        {t("passwordLink.deadBody")}
      </Alert>
      <AnchorLink to="/login">{t("passwordLink.toLogin")}</AnchorLink>
    </Stack>
  );
}

interface NewPasswordProps {
  whose: NonNullable<PasswordLinkQuery["passwordLink"]>;
  link: string;
  onDead: () => void;
  onAnswer: (secondFactor: SecondFactorFieldsFragment | null) => void;
}

function NewPassword({ whose: { purpose, name, email, minLength }, link, onDead, onAnswer }: NewPasswordProps) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { password: "" },
    validate: {
      password: (value) => ([...value].length >= minLength ? null : t("password.tooShort", { length: minLength })),
    },
  });
  const { submit, button, problems } = useSubmit({
    form,
    send: async ({ password }) => {
      const payload = await setPassword({ link, password });
      if (payload.userErrors.some(({ field }) => field?.[0] === "link")) onDead();
      return payload;
    },
    onDone: ({ secondFactor }) => onAnswer(secondFactor),
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">{t(`passwordLink.purpose.${purpose}`, { name })}</Text>
        <TextInput label={t("session.email")} type="email" autoComplete="username" value={email} readOnly />
        <PasswordField
          label={t("password.new")}
          description={t("password.help", { length: minLength })}
          autoComplete="new-password"
          autoFocus
          {...form.getInputProps("password")}
        />
        {problems}
        <Button {...button} mt="xs">
          {t("passwordLink.submit")}
        </Button>
      </Stack>
    </form>
  );
}
