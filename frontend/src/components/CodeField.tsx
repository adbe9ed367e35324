import { TextInput, type TextInputProps } from "@mantine/core";

/** A field for the 6 digits that an app shows; the browser may fill them in. */
export function CodeField({
  onChange,
  ...props
}: Omit<TextInputProps, "onChange"> & { onChange?: (code: string) => void }) {
  return (
    <TextInput
      required
      inputMode="numeric"
      autoComplete="one-time-code"
      spellCheck={false}
      // Some apps show the digits in two groups.
      maxLength={7}
      {...props}
      onChange={(event) => onChange?.(event.currentTarget.value.replace(/\D/g, "").slice(0, 6))}
    />
  );
}
