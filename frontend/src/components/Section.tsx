import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface Props {
  /** For links that lead to the block. */
  id?: string;
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A block of a page, labelled by its heading: what its buttons do is heard with the block's name. */
export function Section({ id, title, description, actions, children }: Props) {
  const heading = useId();
  return (
    <Paper component="section" id={id} aria-labelledby={heading} withBorder p={{ base: "md", sm: "lg" }}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm" wrap="nowrap">
          <div>
            <Title order={2} id={heading}>
              {title}
            </Title>
            {description && (
              <Text component="div" c="dimmed" size="sm" mt={4}>
                {description}
              </Text>
            )}
          </div>
          {actions && (
            <Group gap="xs" className="no-print" flex="none">
              {actions}
            </Group>
          )}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}
