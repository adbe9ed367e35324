import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { installSearch, useInstallNotice } from "./result";

async function open(address: string) {
  await changeLanguage("pt-BR");
  function Page() {
    useInstallNotice(root.useSearch() as ReturnType<typeof installSearch>);
    return <h1>Página</h1>;
  }
  const root = createRootRoute({ component: Page, validateSearch: installSearch });
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: root, history });
  render(
    <MantineProvider env="test">
      <Notifications />
      <RouterProvider router={router as never} />
    </MantineProvider>,
  );
  await screen.findByRole("heading", { name: "Página" });
  return history;
}

afterEach(() => notifications.clean());

describe("coming back from an install", () => {
  it("says that the shop is connected, and takes it out of the address", async () => {
    const history = await open("/?install=done");
    expect(await screen.findByText("Loja conectada")).toBeVisible();
    await waitFor(() => expect(history.location.href).toBe("/"));
    expect(screen.getAllByText("Loja conectada")).toHaveLength(1);
  });

  it("says that the shop is another client's", async () => {
    await open("/?install=taken");
    expect(await screen.findByText(/Esta loja já está conectada a outro cliente/)).toBeVisible();
  });

  it("names the client that has the shop", async () => {
    logIn("OPERATOR");
    const { of } = stubApi({ InstallOwner: () => ({ client: { name: "Padaria Dona da Loja" } }) });
    const history = await open("/?install=taken&owner=cli_1");
    expect(await screen.findByText(/já está conectada ao cliente Padaria Dona da Loja/)).toBeVisible();
    expect(of("InstallOwner")).toEqual([{ id: "cli_1" }]);
    await waitFor(() => expect(history.location.href).toBe("/"));
  });

  it("says nothing of what it does not know", async () => {
    await open("/?install=surprise");
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
