import { Button, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DialogForm, FormDialog } from "@/components/form";
import { notify } from "@/components/notify";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { formatDocument } from "@/lib/document";
import { request } from "@/lib/graphql";
import { ConfirmShop as Confirm } from "./api";

interface Props {
  marketplace: MarketplaceFieldsFragment;
  /** Name of the client. */
  client: string;
}

/** Confirms a shop that is not the client's, by typing its name: a click would be too easy. */
export function ConfirmShop({ marketplace: { id, description, account }, client }: Props) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const form = useForm({ initialValues: { shopName: "" } });
  const shop = account?.name ?? (account?.document ? formatDocument(account.document) : "");
  const close = () => {
    setOpened(false);
    form.reset();
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconCheck size={16} />}
        aria-label={t("confirmShop.openNamed", { name: description })}
        onClick={() => setOpened(true)}
      >
        {t("confirmShop.open")}
      </Button>
      <FormDialog opened={opened} onClose={close} title={t("confirmShop.title", { name: description, client })}>
        <DialogForm
          form={form}
          submitLabel={t("confirmShop.open")}
          send={async ({ shopName }) => (await request(Confirm, { input: { id, shopName } })).confirmMarketplaceShop}
          onDone={() => {
            form.reset();
            notify.done(t("confirmShop.done"));
          }}
        >
          <Text size="sm">{t("confirmShop.lead")}</Text>
          <TextInput
            label={t(account?.name ? "confirmShop.name" : "confirmShop.document")}
            description={t("confirmShop.help", { shop })}
            required
            autoComplete="off"
            maxLength={200}
            {...form.getInputProps("shopName")}
          />
        </DialogForm>
      </FormDialog>
    </>
  );
}
