import { Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { AddressesField } from "@/components/AddressesField";
import { useEdit } from "@/components/edit";
import { DialogForm } from "@/components/form";
import { notify } from "@/components/notify";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { addressesOf, atLines, plainNetwork } from "@/lib/addresses";
import { request } from "@/lib/graphql";
import { UpdateAccessKey } from "./api";

const textOf = (accessKey?: AccessKeyFieldsFragment) => accessKey?.addresses.map(plainNetwork).join("\n") ?? "";
const valuesOf = (accessKey?: AccessKeyFieldsFragment) => ({ addresses: textOf(accessKey) });

/** Changes where a key is taken from. */
export function AddressesForm({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: valuesOf(accessKey) });
  const edit = useEdit({
    form,
    object: accessKey,
    valuesOf,
    shownOf: (now) => ({ [t("accessKey.addresses")]: textOf(now).replaceAll("\n", ", ") || t("accessKey.anywhere") }),
  });
  return (
    <DialogForm
      form={form}
      edit={edit}
      submitLabel={t("action.save")}
      send={async ({ addresses }) => {
        const input = { id: accessKey.id, version: edit.version, addresses: addressesOf(addresses) };
        const { updateAccessKey } = await request(UpdateAccessKey, { input });
        return { ...updateAccessKey, userErrors: atLines(t, addresses, updateAccessKey.userErrors) };
      }}
      onDone={() => notify.done(t("accessKey.addressesChanged"))}
    >
      <Text size="sm">{t("accessKey.addressesBody")}</Text>
      <AddressesField data-autofocus {...form.getInputProps("addresses")} />
    </DialogForm>
  );
}
