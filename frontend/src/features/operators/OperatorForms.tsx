import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useEdit } from "@/components/edit";
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

const valuesOf = (operator?: OperatorFieldsFragment) => ({
  name: operator?.name ?? "",
  role: operator?.role ?? ("VIEWER" as OperatorRole),
});

/** Changes name and role; nobody changes the own role. */
export function EditOperatorForm({ operator, own }: { operator: OperatorFieldsFragment; own: boolean }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: valuesOf(operator),
    validate: { name: (value) => (value.trim() ? null : t("form.required")) },
  });
  const edit = useEdit({
    form,
    object: operator,
    valuesOf,
    shownOf: (now) => ({
      [t("operator.name")]: now.name,
      [t("operator.role")]: t(`role.${now.role}`),
      [t("operator.state")]: t(`operator.status.${now.status}`),
    }),
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("action.save")}
      edit={edit}
      send={async (values) => {
        const input = { id: operator.id, version: edit.version, ...values };
        return (await request(UpdateOperator, { input })).updateOperator;
      }}
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
