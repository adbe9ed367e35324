import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FormDialog } from "@/components/form";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { ClientForm } from "./ClientForm";

const document = "11222333000181";
const formatted = "11.222.333/0001-81";
const none = { edges: [] };
const some = (id: string, name: string, of = document) => ({ edges: [{ node: { id, name, document: of } }] });

async function open(
  found: { active: unknown; archived: unknown },
  client?: Parameters<typeof ClientForm>[0]["client"],
) {
  logIn("OPERATOR");
  const api = stubApi({ ClientOfDocument: () => found });
  renderInRouter(
    <FormDialog opened onClose={vi.fn()} title="Cliente">
      <ClientForm client={client} onDone={vi.fn()} />
    </FormDialog>,
  );
  return { api, user: userEvent.setup(), field: await screen.findByRole("textbox", { name: /CNPJ ou CPF/ }) };
}

const checked = () => window.document.querySelector(".tabler-icon-circle-check");

beforeEach(() => changeLanguage("pt-BR"));

describe("the document of a client", () => {
  it.each([
    ["an active client", { active: some("cli_9", "Padaria do Zé"), archived: none }],
    ["an archived client", { active: none, archived: some("cli_9", "Padaria do Zé") }],
  ])("of %s is told when the field is left, with a way to that client and no green sign", async (_name, found) => {
    const { api, user, field } = await open(found);
    await user.type(field, formatted);
    expect(checked()).not.toBeNull();
    await user.tab();
    expect(await screen.findByText(/O cliente Padaria do Zé já tem este CNPJ\./)).toBeVisible();
    expect(screen.getByRole("link", { name: "Abrir esse cliente" })).toHaveAttribute("href", "/clientes/cli_9");
    expect(checked()).toBeNull();
    expect(api.of("ClientOfDocument")).toEqual([{ document }]);
  });

  it("is not a duplicate of the client itself, nor of one that is only similar", async () => {
    const own = {
      id: "cli_9",
      name: "Padaria",
      tradeName: null,
      document: "33000167000101",
      documentFormatted: "33.000.167/0001-01",
      documentKind: "CNPJ" as const,
      createdAt: "2026-11-24T12:00:00Z",
      updatedAt: "2026-11-24T12:00:00Z",
      archivedAt: null,
      erasedAt: null,
      baitSince: null,
      version: 1,
      tags: [],
    };
    const { api, user, field } = await open({ active: some("cli_8", "Outra", "99222333000181"), archived: none }, own);
    await user.clear(field);
    await user.type(field, formatted);
    await user.tab();
    await waitFor(() => expect(api.of("ClientOfDocument")).toHaveLength(1));
    expect(screen.queryByText(/já tem este CNPJ/)).not.toBeInTheDocument();
  });

  it("says how many characters are there while it is neither", async () => {
    const { api, user, field } = await open({ active: none, archived: none });
    await user.type(field, "112");
    expect(screen.getByText("3 dígitos: um CPF tem 11, e um CNPJ tem 14.")).toBeVisible();
    await user.type(field, "2233300018");
    expect(screen.getByText("13 de 14 caracteres do CNPJ.")).toBeVisible();
    await user.tab();
    expect(api.of("ClientOfDocument")).toEqual([]);
  });
});
