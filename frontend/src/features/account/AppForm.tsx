import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CodeField } from "@/components/CodeField";
import { CopyButton } from "@/components/CopyButton";
import { DialogForm } from "@/components/form";
import type { BeginTotpMutation, SecondFactorResultFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { ConfirmTotp } from "./api";

interface Props {
  request: BeginTotpMutation["beginTotp"];
  onDone: (payload: SecondFactorResultFragment) => void;
}

/** Sets an app up: the picture to scan, the seed to type where it cannot be scanned, and a first code as proof. */
export function AppForm({ request: { ticket, seed, address, picture }, onDone }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (value.length === 6 ? null : t("app.sixDigits")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("app.confirm")}
      send={async ({ code }) => (await request(ConfirmTotp, { input: { ticket, code } })).confirmTotp}
      onDone={onDone}
    >
      <Text size="sm">{t("app.scan")}</Text>
      <Group align="flex-start" gap="lg">
        <img src={picture} alt={t("app.picture")} width={200} height={200} className="qr-code" />
        <Stack gap="xs" className="line-text">
          <Text size="sm">{t("app.type")}</Text>
          <CodeBlock label={t("app.seed")} text={(seed.match(/.{1,4}/g) ?? []).join(" ")} />
          <Group gap="xs">
            <CopyButton text={seed} label={t("app.copySeed")} size="xs" />
            {address.startsWith("otpauth:") && (
              <Anchor href={address} size="sm">
                {t("app.open")}
              </Anchor>
            )}
          </Group>
        </Stack>
      </Group>
      <CodeField label={t("app.code")} description={t("app.codeHelp")} data-autofocus {...form.getInputProps("code")} />
      <Text size="sm" c="dimmed">
        {t("myAccount.endsOtherSessions")}
      </Text>
    </DialogForm>
  );
}
