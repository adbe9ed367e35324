import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeField } from "@/components/CodeField";
import { useSubmit } from "@/components/form";
import type { SecondFactorFieldsFragment, SecondFactorInput, SecondFactorMethod } from "@/gql/graphql";
import { askPasskey, passkeysAvailable } from "@/lib/passkey";
import type { UserError } from "@/lib/userErrors";
import { completeLogin } from "./api";
import { PasskeyButton } from "./PasskeyButton";

interface Props {
  secondFactor: SecondFactorFieldsFragment;
  onDone: () => void;
  /** Begins the log-in again; with the reason when it was not the person's wish. */
  onBack: (reason?: string) => void;
}

/** The ways in the order in which they are proposed. */
const order: SecondFactorMethod[] = ["TOTP", "PASSKEY", "RECOVERY_CODE"];

/** The second half of a log-in: a code of the app, a passkey or a recovery code. */
export function SecondFactorForm({ secondFactor, onDone, onBack }: Props) {
  const { ticket, methods, passkeyOptions, passkeysMadeAt } = secondFactor;
  const { t } = useTranslation();
  const ways = order.filter(
    (way) => methods.includes(way) && (way !== "PASSKEY" || (passkeysAvailable() && passkeyOptions)),
  );
  const [way, setWay] = useState(ways[0] ?? "RECOVERY_CODE");

  const complete = async (proof: SecondFactorInput) => {
    const payload = await completeLogin({ ticket, proof });
    const ended = payload.userErrors.find(({ field }: UserError) => field?.[0] === "ticket");
    if (ended) onBack(ended.message);
    return payload;
  };

  return (
    <Stack gap="md">
      {passkeysMadeAt && (
        <Alert color="yellow" role="alert">
          {t(methods.length > 0 ? "secondFactor.moved" : "secondFactor.movedNoWay", { address: passkeysMadeAt })}
        </Alert>
      )}
      {methods.length > 0 && <Text size="sm">{t(`secondFactor.lead.${way}`)}</Text>}
      {methods.length === 0 ? null : way === "PASSKEY" ? (
        <PasskeyButton
          label={t("secondFactor.passkey")}
          ask={async () => complete({ passkey: await askPasskey(passkeyOptions ?? "") })}
          onDone={onDone}
        />
      ) : (
        <TypedProof key={way} way={way} send={complete} onDone={onDone} />
      )}
      <Group gap="xs">
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <Button key={other} variant="subtle" size="compact-sm" onClick={() => setWay(other)}>
              {t(`secondFactor.use.${other}`)}
            </Button>
          ))}
        <Button variant="subtle" size="compact-sm" onClick={() => onBack()}>
          {t("secondFactor.back")}
        </Button>
      </Group>
    </Stack>
  );
}

interface TypedProps {
  way: "TOTP" | "RECOVERY_CODE";
  send: (proof: SecondFactorInput) => ReturnType<typeof completeLogin>;
  onDone: () => void;
}

function TypedProof({ way, send, onDone }: TypedProps) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { proof: "" },
    validate: { proof: (value) => (value.trim() ? null : t("form.required")) },
  });
  const { submit, button, problems } = useSubmit({
    form,
    send: ({ proof }) => send(way === "TOTP" ? { code: proof } : { recoveryCode: proof.trim() }),
    onDone,
    fieldFor: () => "proof",
  });
  const input = form.getInputProps("proof");
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {way === "TOTP" ? (
          <CodeField label={t("secondFactor.code")} autoFocus data-autofocus {...input} />
        ) : (
          <TextInput
            label={t("secondFactor.recoveryCode")}
            required
            autoFocus
            data-autofocus
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={100}
            {...input}
          />
        )}
        {problems}
        <Button {...button} fullWidth>
          {t("session.login")}
        </Button>
      </Stack>
    </form>
  );
}
