import { Radio, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { QueryView } from "@/components/QueryView";
import type { ProductFieldsFragment } from "@/gql/graphql";
import { request, useApi } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { AddClientProduct, Products } from "./api";

interface Props {
  clientId: string;
  /** Ids of the products that the client has already. */
  taken: string[];
  onDone: (clientProductId: string) => void;
}

/** Step 1 of the order: gives a client a product. */
export function AddProductForm(props: Props) {
  const { t } = useTranslation();
  const products = useApi(Products, { first: 100 });
  return (
    <QueryView query={products}>
      {(data) => {
        const offered = data.products.edges
          .map((edge) => edge.node)
          .filter((product) => !props.taken.includes(product.id));
        return offered.length === 0 ? <Text>{t("product.noneLeft")}</Text> : <Choice {...props} offered={offered} />;
      }}
    </QueryView>
  );
}

function Choice({ clientId, offered, onDone }: Props & { offered: ProductFieldsFragment[] }) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: { productId: offered.length === 1 ? (offered[0]?.id ?? "") : "" },
    validate: { productId: (value) => (value ? null : t("product.choose")) },
  });
  return (
    <DialogForm
      form={form}
      submitLabel={t("product.addToClient")}
      send={async ({ productId }) => {
        const input = { clientId, productId };
        return (await request(AddClientProduct, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .addClientProduct;
      }}
      onDone={(payload) => onDone(payload.clientProduct?.id ?? "")}
    >
      <Radio.Group label={t("product.which")} required {...form.getInputProps("productId")}>
        <Stack gap="sm" mt="sm">
          {offered.map((product, index) => (
            <Radio
              key={product.id}
              value={product.id}
              label={product.name}
              description={product.description}
              data-autofocus={index === 0 || undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
    </DialogForm>
  );
}
