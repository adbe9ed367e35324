import { MantineProvider, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { createQueryClient } from "@/lib/queryClient";
import { renderInRouter } from "@/test/render";
import { ConfirmDialog } from "./ConfirmDialog";
import { DialogForm, FormDialog } from "./form";

type Send = (name: string) => Promise<{ userErrors: [] }>;

function RowForm({ name, send }: { name: string; send: Send }) {
  const form = useForm({ initialValues: { name } });
  return (
    <DialogForm form={form} submitLabel="Salvar" send={({ name }) => send(name)} onDone={() => undefined}>
      <TextInput label="Nome" {...form.getInputProps("name")} />
    </DialogForm>
  );
}

/** A page with one dialog for its rows, as the pages have. */
function Page({ send }: { send: Send }) {
  const [open, setOpen] = useState({ opened: false, row: "" });
  return (
    <>
      {["Padaria", "Mercado"].map((row) => (
        <button key={row} type="button" onClick={() => setOpen({ opened: true, row })}>
          {row}
        </button>
      ))}
      <FormDialog
        opened={open.opened}
        onClose={() => setOpen((before) => ({ ...before, opened: false }))}
        title={open.row}
      >
        <RowForm name={open.row} send={send} />
      </FormDialog>
    </>
  );
}

it("sends a form once, however quick the second click is", async () => {
  let answer: () => void = () => undefined;
  const send = vi.fn<Send>(
    () =>
      new Promise((resolve) => {
        answer = () => resolve({ userErrors: [] });
      }),
  );
  renderInRouter(<Page send={send} />);
  fireEvent.click(await screen.findByText("Padaria"));
  const button = await screen.findByRole("button", { name: "Salvar" });
  act(() => {
    button.click();
    button.click();
  });
  await waitFor(() => expect(send).toHaveBeenCalledTimes(1));
  await act(async () => answer());
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(send).toHaveBeenCalledTimes(1);
});

it("can be sent again after it was refused", async () => {
  const send = vi.fn<Send>().mockRejectedValueOnce(new Error("lost")).mockResolvedValueOnce({ userErrors: [] });
  renderInRouter(<Page send={send} />);
  fireEvent.click(await screen.findByText("Padaria"));
  fireEvent.click(await screen.findByRole("button", { name: "Salvar" }));
  await screen.findByRole("alert");
  fireEvent.click(screen.getByRole("button", { name: "Salvar" }));
  await waitFor(() => expect(send).toHaveBeenCalledTimes(2));
});

it("shows the row that it is opened for, also when it was still closing for another", async () => {
  const root = createRootRoute({
    component: () => (
      <>
        <Page send={async () => ({ userErrors: [] })} />
        <ConfirmDialog />
      </>
    ),
  });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(
    <MantineProvider>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.click(await screen.findByText("Padaria"));
  const closing = await screen.findByLabelText("Nome");
  expect(closing).toHaveValue("Padaria");
  fireEvent.click(screen.getByRole("button", { name: /^Cancel/ }));
  expect(closing).toBeInTheDocument(); // a dialog takes a while to go
  fireEvent.click(screen.getByText("Mercado"));
  expect(await screen.findByLabelText("Nome")).toHaveValue("Mercado");
});
