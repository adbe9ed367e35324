import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useEdit } from "@/components/edit";
import { DialogForm } from "@/components/form";
import { notify } from "@/components/notify";
import { PasswordField } from "@/components/PasswordField";
import type { OwnAccountFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { session } from "@/lib/session";
import { ChangePassword, UpdateAccount } from "./api";

/** Whether two e-mail addresses are one to the portal. */
const same = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

type Own = OwnAccountFieldsFragment["operator"];

const valuesOf = (operator?: Own) => ({
  name: operator?.name ?? "",
  email: operator?.email ?? "",
  emailConfirmation: "",
});

export function ProfileForm({ operator }: { operator: Own }) {
  const { t } = useTranslation();
  const { email } = operator;
  const changes = (typed: string) => !same(typed, email);
  const form = useForm({
    initialValues: valuesOf(operator),
    validate: {
      name: (value) => (value.trim() ? null : t("form.required")),
      email: (value) => (value.trim() ? null : t("form.required")),
      emailConfirmation: (value, values) =>
        !changes(values.email) || same(value, values.email) ? null : t("myAccount.emailsDiffer"),
    },
  });
  const edit = useEdit({
    form,
    object: operator,
    valuesOf,
    shownOf: (now) => ({ [t("operator.name")]: now.name, [t("session.email")]: now.email }),
  });
  return (
    <DialogForm
      form={form}
      edit={edit}
      submitLabel={t("action.save")}
      send={async ({ emailConfirmation, ...typed }) => {
        const again = changes(typed.email) ? { emailConfirmation } : {};
        const input = { ...typed, ...again, version: edit.version };
        return (await request(UpdateAccount, { input })).updateAccount;
      }}
      onDone={() => {
        notify.done(t("myAccount.saved"));
        // The menu shows the name too; if this fails, the next renewal brings it.
        session.refresh().catch(() => undefined);
      }}
    >
      <TextInput
        label={t("operator.name")}
        required
        data-autofocus
        autoComplete="name"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t("session.email")}
        description={t("myAccount.emailHelp")}
        type="email"
        required
        autoComplete="email"
        maxLength={254}
        {...form.getInputProps("email")}
      />
      {changes(form.values.email) && (
        <TextInput
          label={t("myAccount.emailAgain")}
          description={t("myAccount.emailAgainHelp")}
          type="email"
          required
          autoComplete="off"
          maxLength={254}
          {...form.getInputProps("emailConfirmation")}
        />
      )}
    </DialogForm>
  );
}

export function PasswordForm({ email, minLength }: { email: string; minLength: number }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { password: "" },
    validate: {
      password: (value) => ([...value].length >= minLength ? null : t("password.tooShort", { length: minLength })),
    },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("myAccount.changePassword")}
      send={async (input) => (await request(ChangePassword, { input })).changePassword}
      onDone={() => notify.done(t("myAccount.passwordChanged"))}
    >
      {/* Tells the browser whose password it may keep. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        label={t("password.new")}
        description={`${t("password.help", { length: minLength })} ${t("myAccount.endsOtherSessions")}`}
        autoComplete="new-password"
        data-autofocus
        {...form.getInputProps("password")}
      />
    </DialogForm>
  );
}
