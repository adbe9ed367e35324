import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import type { SecondFactorResultFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { makePasskey } from "@/lib/passkey";
import { AddPasskey, BeginPasskeyRegistration } from "./api";

/** Makes a passkey under a name; the browser asks where it is to be kept. */
export function PasskeyForm({ onDone }: { onDone: (payload: SecondFactorResultFragment) => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: (value) => (value.trim() ? null : t("form.required")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("myAccount.createPasskey")}
      send={async ({ name }) => {
        const { ticket, options } = (await request(BeginPasskeyRegistration, {})).beginPasskeyRegistration;
        const answer = { ticket, response: await makePasskey(options) };
        return (await request(AddPasskey, { input: { name, answer } })).addPasskey;
      }}
      onDone={onDone}
    >
      <TextInput
        label={t("myAccount.passkeyName")}
        description={t("myAccount.passkeyNameHelp")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={60}
        {...form.getInputProps("name")}
      />
      <Text size="sm" c="dimmed">
        {t("myAccount.endsOtherSessions")}
      </Text>
    </DialogForm>
  );
}
