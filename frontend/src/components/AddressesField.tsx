import { Textarea, type TextareaProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Where a key is taken from: one address or network a line. */
export function AddressesField(props: TextareaProps) {
  const { t } = useTranslation();
  return (
    <Textarea
      label={t("accessKey.addresses")}
      description={t("accessKey.addressesHelp")}
      rows={4}
      maxLength={2000}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      classNames={{ input: "mono" }}
      {...props}
    />
  );
}
