import { Checkbox, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { AddressesField } from "@/components/AddressesField";
import { DialogForm } from "@/components/form";
import { RoleSelect } from "@/components/RoleSelect";
import type { OperatorRole, ServiceScope } from "@/gql/graphql";
import { addressesOf, atLines } from "@/lib/addresses";
import { dayAhead, endOfDay } from "@/lib/day";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { CreateServiceToken } from "./api";
import type { IssuedToken } from "./ServiceTokenDialog";

const scopes = ["WRITE", "KEYS"] as const;

/** A token works for a year at most: to the end of the day before, so that no hour of the day is too late. */
const mostDays = 364;

/** Makes a token for a script. */
export function ServiceTokenForm({ onIssued }: { onIssued: (issued: IssuedToken) => void }) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const limits = useRef<HTMLDetailsElement>(null);
  const form = useForm({
    initialValues: {
      name: "",
      role: "VIEWER" as OperatorRole,
      scopes: ["WRITE"] as ServiceScope[],
      addresses: "",
      expiresAt: dayAhead(90),
    },
    validate: {
      name: (value) => (value.trim() ? null : t("form.required")),
      expiresAt: (value) => (value ? null : t("form.required")),
    },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("serviceToken.create")}
      send={async ({ expiresAt, scopes, addresses, ...values }) => {
        const input = {
          ...values,
          scopes: values.role === "VIEWER" ? [] : scopes,
          addresses: addressesOf(addresses),
          expiresAt: endOfDay(expiresAt),
        };
        const { createServiceToken } = await request(CreateServiceToken, {
          input: { ...input, idempotencyKey: idempotencyKey(input) },
        });
        const userErrors = atLines(t, addresses, createServiceToken.userErrors);
        if (limits.current && userErrors.some(({ field }) => field[0] === "addresses")) limits.current.open = true;
        return { ...createServiceToken, userErrors };
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
      {form.values.role !== "VIEWER" && (
        <Checkbox.Group label={t("serviceToken.scopes")} {...form.getInputProps("scopes")}>
          <Stack gap="xs" mt="xs">
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={t(`serviceToken.scope.${scope}.name`)}
                description={t(`serviceToken.scope.${scope}.help`)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <TextInput
        type="date"
        label={t("serviceToken.until")}
        description={t("serviceToken.untilHelp")}
        required
        min={dayAhead(0)}
        max={dayAhead(mostDays)}
        {...form.getInputProps("expiresAt")}
      />
      <details ref={limits}>
        <summary>{t("serviceToken.addressesOption")}</summary>
        <AddressesField mt="sm" description={t("serviceToken.addressesHelp")} {...form.getInputProps("addresses")} />
      </details>
    </DialogForm>
  );
}
