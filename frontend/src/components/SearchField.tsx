import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

/** Search as you type. */
export function SearchField({ label, placeholder, value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      leftSection={<IconSearch size={18} aria-hidden />}
      rightSection={value && <CloseButton aria-label={t("list.clearSearch")} onClick={() => onChange("")} />}
      autoComplete="off"
      spellCheck={false}
      maxLength={200}
      flex={1}
      miw={200}
    />
  );
}
