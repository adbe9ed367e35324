import { Stack, Text, ThemeIcon } from "@mantine/core";
import type { ReactNode } from "react";

/** Says that there is nothing, and what to do. */
export function EmptyState({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
        {icon}
      </ThemeIcon>
      <Text fw={600} mt="xs">
        {title}
      </Text>
      {typeof children === "string" ? (
        <Text c="dimmed" size="sm" maw={420}>
          {children}
        </Text>
      ) : (
        children
      )}
    </Stack>
  );
}
