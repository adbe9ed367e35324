import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { searchText } from "@/lib/address";
import { createQueryClient } from "@/lib/queryClient";

/** Renders what stands in the providers of the page, without its transitions. */
export const renderInPage = (children: ReactNode) =>
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={createQueryClient()}>
        {children}
        <ConfirmDialog />
      </QueryClientProvider>
    </MantineProvider>,
  );

/** The same for what has links or asks before it is left. The router renders a moment later: find what is sought. */
export function renderInRouter(children: ReactNode, path = "/") {
  const root = createRootRoute({
    component: () => (
      <>
        {children}
        <ConfirmDialog />
      </>
    ),
  });
  const router = createRouter({
    routeTree: root,
    history: createMemoryHistory({ initialEntries: [path] }),
    ...searchText,
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return router;
}
