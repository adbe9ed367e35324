import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A field for a secret that belongs to somebody else: the browser must neither remember nor check it. */
export function SecretField(props: PasswordInputProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      autoComplete="new-password"
      autoCapitalize="off"
      autoCorrect="off"
      spellCheck={false}
      data-1p-ignore
      data-lpignore="true"
      visibilityToggleButtonProps={{ "aria-label": t("action.reveal"), tabIndex: 0 }}
      aria-invalid={props.error ? true : undefined} // Mantine says it of its other fields
      {...props}
    />
  );
}
