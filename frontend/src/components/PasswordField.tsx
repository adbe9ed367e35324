import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A field for the person's own password, which can be looked at; the browser may keep or propose it. */
export function PasswordField(props: PasswordInputProps & { autoComplete: "current-password" | "new-password" }) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      required
      visibilityToggleButtonProps={{ "aria-label": t("action.reveal"), tabIndex: 0 }}
      aria-invalid={props.error ? true : undefined} // Mantine says it of its other fields
      {...props}
    />
  );
}
