import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { RoleSelect } from "@/components/RoleSelect";
import type { OperatorRole } from "@/gql/graphql";
import { dayAhead, endOfDay } from "@/lib/day";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { CreateServiceToken } from "./api";
import type { IssuedToken } from "./ServiceTokenDialog";

/** A token works for a year at most: to the end of the day before, so that no hour of the day is too late. */
const mostDays = 364;

/** Makes a token for a script. */
export function ServiceTokenForm({ onIssued }: { onIssued: (issued: IssuedToken) => void }) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: { name: "", role: "VIEWER" as OperatorRole, expiresAt: dayAhead(90) },
    validate: {
      name: (value) => (value.trim() ? null : t("form.required")),
      expiresAt: (value) => (value ? null : t("form.required")),
    },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("serviceToken.create")}
      send={async ({ expiresAt, ...values }) => {
        const input = { ...values, expiresAt: endOfDay(expiresAt) };
        return (await request(CreateServiceToken, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .createServiceToken;
      }}
      onDone={({ serviceToken, token }) => serviceToken && onIssued({ serviceToken, token: token ?? null })}
    >
      <TextInput
        label={t("serviceToken.name")}
        description={t("serviceToken.nameHelp")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <RoleSelect label={t("operator.role")} description={t("serviceToken.roleHelp")} {...form.getInputProps("role")} />
      <TextInput
        type="date"
        label={t("serviceToken.until")}
        description={t("serviceToken.untilHelp")}
        required
        min={dayAhead(0)}
        max={dayAhead(mostDays)}
        {...form.getInputProps("expiresAt")}
      />
    </DialogForm>
  );
}
