import { Breadcrumbs, Group, Stack, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

let firstPage = true;

interface Props {
  title: string;
  /** Whom the page is about, named in front of the title in the browser's tab. */
  of?: string;
  /** Links to the pages above. */
  trail?: ReactNode[];
  /** Beside the title, such as a badge. */
  mark?: ReactNode;
  /** Under the title. */
  lead?: ReactNode;
  actions?: ReactNode;
}

export function useDocumentTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Chaveiro`;
  }, [title]);
}

/** The page's only h1. It takes the focus when the page changes, so that a screen reader says where it is. */
export function PageHeader({ title, of, trail, mark, lead, actions }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useDocumentTitle(of ? `${of} · ${title}` : title);
  useEffect(() => {
    if (!firstPage) heading.current?.focus({ preventScroll: true });
    firstPage = false;
  }, []);
  return (
    <Stack gap={6} mb="lg" component="header">
      {trail && (
        <Breadcrumbs fz="sm" className="no-print">
          {trail}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={6}>
          <Group gap="sm">
            <Title order={1} ref={heading} tabIndex={-1} className="break">
              {title}
            </Title>
            {mark}
          </Group>
          {lead}
        </Stack>
        {actions && (
          <Group gap="xs" className="no-print">
            {actions}
          </Group>
        )}
      </Group>
    </Stack>
  );
}
