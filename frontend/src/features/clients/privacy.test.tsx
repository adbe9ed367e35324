import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { ClientFieldsFragment, OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { PrivacySection } from "./Privacy";

const client: ClientFieldsFragment = {
  id: "cli_1",
  name: "Padaria",
  tradeName: null,
  document: "11222333000181",
  documentFormatted: "11.222.333/0001-81",
  documentKind: "CNPJ",
  createdAt: "2026-11-24T00:00:00Z",
  updatedAt: "2026-11-24T00:00:00Z",
  archivedAt: null,
  erasedAt: null,
  version: 1,
  tags: [],
  baitSince: null,
};

async function show(role: OperatorRole, change: Partial<ClientFieldsFragment> = {}) {
  logIn(role);
  renderInRouter(
    <main>
      <PrivacySection client={{ ...client, ...change }} />
    </main>,
  );
  await screen.findByRole("main");
}

beforeEach(() => changeLanguage("pt-BR"));

describe("a client's privacy", () => {
  it("is in the hands of administrators", async () => {
    await show("OPERATOR");
    expect(screen.getByRole("link", { name: "Ver a auditoria" })).toHaveAttribute("href", "/auditoria?client=cli_1");
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("is not shown to viewers", async () => {
    await show("VIEWER");
    expect(screen.getByRole("main")).toBeEmptyDOMElement();
  });

  it("has nothing left to do for an erased client", async () => {
    await show("ADMIN", { erasedAt: "2026-11-24T00:00:00Z" });
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("erases after the document was typed, and shows at the field that it is another's", async () => {
    const api = stubApi({
      EraseClient: () => ({
        eraseClient: {
          client: null,
          userErrors: [
            {
              code: "CONFIRMATION_MISMATCH",
              field: ["document"],
              message: "Digite o CNPJ deste cliente.",
              relatedId: null,
            },
          ],
        },
      }),
    });
    await show("ADMIN");
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Eliminar o cliente" }));
    const erase = await screen.findByRole("button", { name: /Eliminar .* para sempre/ });
    await user.click(erase);
    expect(api.asked).toHaveLength(0);
    await user.type(screen.getByRole("textbox"), "00000000000191");
    await user.click(erase);
    expect(await screen.findByText("Digite o CNPJ deste cliente.")).toBeVisible();
    expect(api.of("EraseClient")).toEqual([{ input: { id: "cli_1", document: "00000000000191" } }]);
  });
});
