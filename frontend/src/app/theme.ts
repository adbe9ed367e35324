import {
  type BadgeProps,
  type ChipProps,
  type CSSVariablesResolver,
  createTheme,
  type InputWrapperProps,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  type ModalProps,
  type NotificationProps,
  type PasswordInputProps,
} from "@mantine/core";

const brand: MantineColorsTuple = [
  "#e9f6f7",
  "#d3eaed",
  "#a6d4d9",
  "#75bdc5",
  "#4faab4",
  "#3196a2",
  "#1d8290",
  "#11707d",
  "#0b5f6b",
  "#074a54",
];

const dark: MantineColorsTuple = [
  "#dbe3e6",
  "#bcc8cd",
  "#9aa9b0",
  "#6d7c83",
  "#435159",
  "#33404a",
  "#242f36",
  "#182127",
  "#11181d",
  "#0b1114",
];

export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: { light: 8, dark: 7 },
  colors: { brand, dark },
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.625rem" }, h2: { fontSize: "1.2rem" } } },
  cursorType: "pointer",
  respectReducedMotion: true,
  // By name: a component that is named here by itself would be loaded with every page.
  components: {
    Badge: {
      styles: { root: { height: "auto", minHeight: "1.5rem", maxWidth: "100%" }, label: { whiteSpace: "normal" } },
      defaultProps: { tt: "none", fw: 600, size: "lg", fz: "xs" } satisfies Partial<BadgeProps>,
    },
    Chip: { defaultProps: { variant: "outline" } satisfies Partial<ChipProps> },
    // app.css marks what is required, so that the label's text is the label and nothing else.
    InputWrapper: { defaultProps: { withAsterisk: false } satisfies Partial<InputWrapperProps> },
    // Its own grey beside a title is too light to be read by all.
    Notification: {
      styles: { description: { color: "var(--mantine-color-dimmed)" } } satisfies NotificationProps["styles"],
    },
    Modal: {
      styles: { title: { fontWeight: 650, fontSize: "1.15rem" } },
      defaultProps: {
        padding: "lg",
        overlayProps: { backgroundOpacity: 0.55, blur: 2 },
        // A dialog's heading is no banner of the page.
        attributes: { header: { role: "presentation" } },
      } satisfies Partial<ModalProps>,
    },
    PasswordInput: { defaultProps: { spellCheck: false } satisfies Partial<PasswordInputProps> },
  },
});

/** Mantine's own dimmed, error, placeholder and light-badge colours miss WCAG AA; these reach it in both schemes. */
const badgeColors = ["brand", "gray", "red", "orange", "yellow", "green", "blue"];

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--app-background": "#f4f7f8",
    "--mantine-color-text": "#16232a",
    "--mantine-color-dimmed": "#55636b",
    "--mantine-color-placeholder": "#66747c",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "var(--mantine-color-brand-8)",
    "--mantine-color-red-filled": "#b3261e",
    "--mantine-color-red-filled-hover": "#98201a",
    ...Object.fromEntries(
      badgeColors.flatMap((color) => [
        [`--mantine-color-${color}-light`, `color-mix(in srgb, var(--mantine-color-${color}-6) 13%, white)`],
        [`--mantine-color-${color}-light-color`, `color-mix(in srgb, var(--mantine-color-${color}-9) 72%, black)`],
      ]),
    ),
  },
  dark: {
    "--app-background": "var(--mantine-color-dark-8)",
    "--mantine-color-dimmed": "var(--mantine-color-dark-2)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-2)",
    "--mantine-color-error": "#ff9c94",
    "--mantine-color-anchor": "var(--mantine-color-brand-3)",
    "--mantine-color-red-filled": "#b3261e",
    "--mantine-color-red-filled-hover": "#c83a31",
    ...Object.fromEntries(
      badgeColors.flatMap((color) => [
        [`--mantine-color-${color}-light`, `color-mix(in srgb, var(--mantine-color-${color}-6) 20%, #182127)`],
        [`--mantine-color-${color}-light-color`, `color-mix(in srgb, var(--mantine-color-${color}-2) 85%, white)`],
      ]),
    ),
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "chaveiro.colors" });
