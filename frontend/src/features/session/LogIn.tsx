import { Alert, Divider, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SecondFactorFieldsFragment } from "@/gql/graphql";
import { askPasskey, passkeysAvailable } from "@/lib/passkey";
import { beginPasskeyLogin, completeLogin } from "./api";
import { LoginForm } from "./LoginForm";
import { PasskeyButton } from "./PasskeyButton";
import { SecondFactorForm } from "./SecondFactorForm";

interface Props {
  email?: string;
  onDone: () => void;
  /** Beside the button, such as a way out. */
  other?: ReactNode;
}

/** A whole log-in: the password, then the second factor where there is one; or a passkey alone. */
export function LogIn({ email: knownEmail = "", onDone, other }: Props) {
  const { t } = useTranslation();
  const [email, setEmail] = useState(knownEmail);
  const [secondFactor, setSecondFactor] = useState<SecondFactorFieldsFragment | null>(null);
  /** Why the log-in must begin again. */
  const [again, setAgain] = useState("");

  if (secondFactor) {
    return (
      <SecondFactorForm
        key={secondFactor.ticket}
        secondFactor={secondFactor}
        onDone={onDone}
        onBack={(reason = "") => {
          setAgain(reason);
          setSecondFactor(null);
        }}
      />
    );
  }
  return (
    <Stack gap="md">
      {again && (
        <Alert color="yellow" role="alert">
          {again}
        </Alert>
      )}
      <LoginForm
        email={email}
        other={other}
        onAnswer={(payload, typed) => {
          setAgain("");
          setEmail(typed);
          if (payload.secondFactor) setSecondFactor(payload.secondFactor);
          else onDone();
        }}
      />
      {passkeysAvailable() && (
        <>
          <Divider label={t("session.or")} />
          <PasskeyButton
            label={t("session.passkey")}
            onDone={onDone}
            ask={async () => {
              const { ticket, options } = await beginPasskeyLogin();
              return completeLogin({ ticket, proof: { passkey: await askPasskey(options) } });
            }}
          />
        </>
      )}
    </Stack>
  );
}
