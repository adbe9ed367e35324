import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconInfoCircle } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { AddressesField } from "@/components/AddressesField";
import { DialogForm, useFormDialog } from "@/components/form";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { addressesOf, atLines } from "@/lib/addresses";
import { dayAhead, endOfDay } from "@/lib/day";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { CreateAccessKey } from "./api";
import type { IssuedKey } from "./TokenDialog";

interface Props {
  clientProductId: string;
  /** A key that works already: one is enough, so renewing it is offered first. */
  existing?: AccessKeyFieldsFragment;
  onRotate: (accessKey: AccessKeyFieldsFragment) => void;
  onIssued: (issued: IssuedKey) => void;
}

/** Step 3 of the order: generates the key. Before a second one, says that one key serves all marketplaces. */
export function CreateKeyForm({ existing, onRotate, ...props }: Props) {
  const { t } = useTranslation();
  const { close } = useFormDialog();
  const [insists, setInsists] = useState(false);
  if (!existing || insists) return <NewKey {...props} first={!existing} />;
  return (
    <Stack gap="md">
      <Alert icon={<IconInfoCircle />} title={t("accessKey.oneIsEnoughTitle")}>
        <Text size="sm">{t("accessKey.oneIsEnoughBody", { name: existing.name })}</Text>
      </Alert>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={() => setInsists(true)}>
          {t("accessKey.insist")}
        </Button>
        {existing.status === "ACTIVE" && (
          <Button
            data-autofocus
            onClick={() => {
              close();
              onRotate(existing);
            }}
          >
            {t("accessKey.rotateNamed", { name: existing.name })}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function NewKey({
  clientProductId,
  onIssued,
  first,
}: Pick<Props, "clientProductId" | "onIssued"> & { first: boolean }) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const limits = useRef<HTMLDetailsElement>(null);
  const form = useForm({
    initialValues: { name: first ? t("accessKey.firstName") : "", expiresAt: "", addresses: "" },
    validate: { name: (value) => (value.trim() ? null : t("form.required")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("accessKey.generate")}
      send={async ({ name, expiresAt, addresses }) => {
        const input = {
          clientProductId,
          name,
          expiresAt: expiresAt ? endOfDay(expiresAt) : null,
          addresses: addressesOf(addresses),
        };
        const { createAccessKey } = await request(CreateAccessKey, {
          input: { ...input, idempotencyKey: idempotencyKey(input) },
        });
        const userErrors = atLines(t, addresses, createAccessKey.userErrors);
        if (limits.current && userErrors.some(({ field }) => field[0] === "addresses")) limits.current.open = true;
        return { ...createAccessKey, userErrors };
      }}
      onDone={({ accessKey, token }) => accessKey && onIssued({ accessKey, token: token ?? null })}
    >
      <TextInput
        label={t("accessKey.name")}
        description={t("accessKey.nameHelp")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <TextInput
        type="date"
        label={t("accessKey.expiry")}
        description={t("accessKey.expiryHelp")}
        min={dayAhead(0)}
        {...form.getInputProps("expiresAt")}
      />
      <details ref={limits}>
        <summary>{t("accessKey.addressesOption")}</summary>
        <AddressesField mt="sm" {...form.getInputProps("addresses")} />
      </details>
    </DialogForm>
  );
}
