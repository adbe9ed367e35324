import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand } from "./Brand";
import { useDocumentTitle } from "./PageHeader";
import { Preferences } from "./Preferences";

interface Props {
  title: string;
  lead: string;
  width: number;
  children: ReactNode;
}

/** The page of whoever is not logged in yet: one card in the middle. */
export function CenterCard({ title, lead, width, children }: Props) {
  useDocumentTitle(title);
  return (
    <main className="center-page" id="main">
      <Stack w="100%" maw={width} gap="lg">
        <Brand size="xl" />
        <Paper withBorder p="lg" shadow="sm">
          <Stack gap="md">
            <div>
              <Title order={1}>{title}</Title>
              <Text size="sm" c="dimmed" mt={4}>
                {lead}
              </Text>
            </div>
            {children}
          </Stack>
        </Paper>
        <Preferences />
      </Stack>
    </main>
  );
}
