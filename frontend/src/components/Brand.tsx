import { Group, Text, ThemeIcon } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

/** The product's name with its key. */
export function Brand({ size = "lg" }: { size?: "lg" | "xl" }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <ThemeIcon size={size === "xl" ? 44 : 34} radius="md" aria-hidden>
        <IconKey size={size === "xl" ? 26 : 20} stroke={1.9} />
      </ThemeIcon>
      <Text span fw={700} fz={size === "xl" ? 26 : 20} lts={-0.3}>
        Chaveiro
      </Text>
    </Group>
  );
}
