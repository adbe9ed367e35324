import { Checkbox, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useEdit } from "@/components/edit";
import { DialogForm } from "@/components/form";
import { ProductCapability, type ProductFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { CreateProduct, UpdateProduct } from "./api";

interface Props {
  /** The product to change; a new one when absent. */
  product?: ProductFieldsFragment;
  onDone: () => void;
}

const valuesOf = (product?: ProductFieldsFragment) => ({
  code: product?.code ?? "",
  name: product?.name ?? "",
  description: product?.description ?? "",
  capabilities: product?.capabilities ?? ([] as ProductCapability[]),
});

export function ProductForm({ product, onDone }: Props) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: valuesOf(product),
    validate: {
      code: (value) => (/^[A-Z0-9_]{2,50}$/.test(value) ? null : t("product.codeRule")),
      name: (value) => (value.trim() ? null : t("form.required")),
    },
  });
  const edit = useEdit({
    form,
    object: product,
    valuesOf,
    shownOf: (now) => ({
      [t("product.name")]: now.name,
      [t("product.description")]: now.description ?? "",
      [t("product.capabilities")]: now.capabilities.map((capability) => t(`capability.${capability}`)).join(", "),
    }),
  });
  return (
    <DialogForm
      form={form}
      edit={edit}
      submitLabel={product ? t("action.save") : t("product.add")}
      send={async ({ code, ...values }) => {
        if (product) {
          const changed = { id: product.id, version: edit.version, ...values };
          return (await request(UpdateProduct, { input: changed })).updateProduct;
        }
        const input = { code, ...values };
        return (await request(CreateProduct, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .createProduct;
      }}
      onDone={onDone}
    >
      <TextInput
        label={t("product.name")}
        required
        data-autofocus
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t("product.code")}
        description={product ? t("product.codeFixed") : t("product.codeHelp")}
        required
        disabled={Boolean(product)}
        autoComplete="off"
        spellCheck={false}
        maxLength={50}
        {...form.getInputProps("code")}
        onChange={(event) => form.setFieldValue("code", event.currentTarget.value.toUpperCase().replace(/[\s-]/g, "_"))}
      />
      <Textarea
        label={t("product.description")}
        autosize
        minRows={2}
        maxLength={2000}
        {...form.getInputProps("description")}
      />
      <Checkbox.Group
        label={t("product.capabilities")}
        description={product ? t("product.capabilitiesKept") : t("product.capabilitiesHelp")}
        {...form.getInputProps("capabilities")}
      >
        <Stack gap="xs" mt="xs">
          {Object.values(ProductCapability).map((capability) => (
            <Checkbox key={capability} value={capability} label={t(`capability.${capability}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
    </DialogForm>
  );
}
