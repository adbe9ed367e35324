import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { CodeField } from "@/components/CodeField";
import { useSubmit } from "@/components/form";
import { PasswordField } from "@/components/PasswordField";
import { QueryView } from "@/components/QueryView";
import type { ProofMethodsQuery } from "@/gql/graphql";
import { useApi } from "@/lib/graphql";
import { askPasskey, passkeysAvailable } from "@/lib/passkey";
import { useSession } from "@/lib/session";
import { type Proof, stepUp, useProofAsked } from "@/lib/stepUp";
import { beginPasskeyReauthentication, ProofMethods, reauthenticate } from "./api";
import { PasskeyButton } from "./PasskeyButton";

/** Asks who is at the keyboard before what matters most; what waits for the answer goes on afterwards, or is left as it was. */
export function StepUpDialog() {
  const { t } = useTranslation();
  const proof = useProofAsked();
  const expired = useSession().status === "expired";
  return (
    <Modal
      opened={proof !== undefined}
      // Only after the key press: else a form dialog underneath would see itself on top and close as well.
      onClose={() => setTimeout(stepUp.cancel)}
      title={t("stepUp.title")}
      centered
      zIndex={450}
      closeOnClickOutside={false}
      closeOnEscape={!expired}
      trapFocus={!expired}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      {proof && <Proofs key={proof} proof={proof} />}
    </Modal>
  );
}

type Way = "password" | "code";

/** What can be typed as a proof: with a second factor the password alone renews no log-in. */
function typedWay(proof: Proof, account: ProofMethodsQuery["account"]): Way | undefined {
  if (proof === "presence" || !account.operator.hasSecondFactor) return "password";
  return account.totpSince ? "code" : undefined;
}

function Proofs({ proof }: { proof: Proof }) {
  const query = useApi(ProofMethods, {});
  return <QueryView query={query}>{({ account }) => <Ways proof={proof} account={account} />}</QueryView>;
}

function Ways({ proof, account }: { proof: Proof; account: ProofMethodsQuery["account"] }) {
  const { t } = useTranslation();
  const way = typedWay(proof, account);
  const passkey = passkeysAvailable() && account.passkeys.length > 0;
  return (
    <Stack gap="md">
      <Text size="sm">{t(`stepUp.body.${proof}`)}</Text>
      {way && <TypedProof way={way} />}
      {!way && !passkey && <Text size="sm">{t("stepUp.noWay")}</Text>}
      {passkey && (
        <PasskeyButton
          label={t("secondFactor.passkey")}
          onDone={stepUp.done}
          ask={async () => {
            const { ticket, options } = await beginPasskeyReauthentication();
            return reauthenticate({ passkey: { ticket, response: await askPasskey(options) } });
          }}
        />
      )}
    </Stack>
  );
}

function TypedProof({ way }: { way: Way }) {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const form = useForm({
    initialValues: { proof: "" },
    validate: { proof: (value) => (value ? null : t("form.required")) },
  });
  const { submit, button, problems } = useSubmit({
    form,
    send: ({ proof }) => reauthenticate(way === "code" ? { code: proof } : { password: proof }),
    onDone: stepUp.done,
    fieldFor: () => "proof",
  });
  const input = form.getInputProps("proof");
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {way === "code" ? (
          <CodeField label={t("secondFactor.code")} autoFocus data-autofocus {...input} />
        ) : (
          <>
            {/* Tells the browser whose password it may fill in. */}
            <input type="email" autoComplete="username" value={viewer?.email ?? ""} readOnly hidden />
            <PasswordField
              label={t("session.password")}
              autoComplete="current-password"
              autoFocus
              data-autofocus
              {...input}
            />
          </>
        )}
        {problems}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={stepUp.cancel}>
            {t("action.cancel")}
          </Button>
          <Button {...button}>{t("stepUp.confirm")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
