import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { notify } from "@/components/notify";
import { RoleSelect } from "@/components/RoleSelect";
import type { OperatorFieldsFragment, OperatorRole } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { InviteOperator, UpdateOperator } from "./api";
import type { IssuedLink } from "./PasswordLinkDialog";

/** Makes an operator, who sets the password by the link that comes back. */
export function InviteForm({ onLink }: { onLink: (issued: IssuedLink) => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: "", email: "", role: "OPERATOR" as OperatorRole },
    validate: {
      name: (value) => (value.trim() ? null : t("form.required")),
      email: (value) => (value.trim() ? null : t("form.required")),
    },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("operator.invite")}
      send={async (input) => (await request(InviteOperator, { input })).inviteOperator}
      onDone={({ operator, link, linkExpiresAt }) => {
        if (operator && link && linkExpiresAt) onLink({ name: operator.name, link, expiresAt: linkExpiresAt });
      }}
    >
      <TextInput
        label={t("operator.name")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t("session.email")}
        description={t("operator.emailHelp")}
        type="email"
        required
        autoComplete="off"
        maxLength={254}
        {...form.getInputProps("email")}
      />
      <RoleSelect label={t("operator.role")} {...form.getInputProps("role")} />
    </DialogForm>
  );
}

/** Changes name and role; nobody changes the own role. */
export function EditOperatorForm({ operator, own }: { operator: OperatorFieldsFragment; own: boolean }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: operator.name, role: operator.role },
    validate: { name: (value) => (value.trim() ? null : t("form.required")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("action.save")}
      send={async (values) => (await request(UpdateOperator, { input: { id: operator.id, ...values } })).updateOperator}
      onDone={() => notify.done(t("operator.saved"))}
    >
      <TextInput
        label={t("operator.name")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <RoleSelect
        label={t("operator.role")}
        description={t(own ? "operator.ownRole" : "operator.roleEndsSessions")}
        disabled={own}
        {...form.getInputProps("role")}
      />
    </DialogForm>
  );
}
