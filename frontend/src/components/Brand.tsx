import { Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { organization } from "@/lib/organization";

/** The product's name with its key and, where it is known, whose portal it is. */
export function Brand({ size = "lg" }: { size?: "lg" | "xl" }) {
  const house = organization();
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <ThemeIcon size={size === "xl" ? 44 : 34} radius="md" aria-hidden>
        <IconKey size={size === "xl" ? 26 : 20} stroke={1.9} />
      </ThemeIcon>
      <Stack gap={0} miw={0}>
        <Text span fw={700} fz={size === "xl" ? 26 : 20} lts={-0.3} lh={1.15}>
          Chaveiro
        </Text>
        {house && (
          <Text span size="xs" c="dimmed" maw={size === "xl" ? 260 : 140} truncate title={house}>
            {house}
          </Text>
        )}
      </Stack>
    </Group>
  );
}
