import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { FormDialog } from "@/components/form";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { providerOf } from "@/providers";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AddMarketplaceForm, EditMarketplaceForm } from "./MarketplaceForm";
import { meuCarrinhoMarketplace, nuvemshopMarketplace, providerStatuses, testResult } from "./testing";

const nothing = () => undefined;

function answers(config: object = { result: testResult(), userErrors: [] }) {
  return stubApi({
    ProviderStatuses: () => providerStatuses,
    TestMarketplaceConfig: () => ({ testMarketplaceConfig: config }),
    TestMarketplace: () => ({
      testMarketplace: { result: testResult({ message: "A conexão salva funciona." }), userErrors: [] },
    }),
  });
}

async function add(id: "MEU_CARRINHO" | "NUVEMSHOP") {
  renderInRouter(
    <FormDialog opened onClose={nothing} title="Novo">
      <AddMarketplaceForm clientProductId="cpr_1" provider={providerOf(id)} onBack={nothing} onDone={nothing} />
    </FormDialog>,
  );
  await screen.findByRole("textbox", { name: /^Descrição do marketplace/ });
  return userEvent.setup();
}

async function edit(marketplace: MarketplaceFieldsFragment) {
  renderInRouter(
    <FormDialog opened onClose={nothing} title="Editar">
      <EditMarketplaceForm clientProductId="cpr_1" marketplace={marketplace} onDone={nothing} />
    </FormDialog>,
  );
  await screen.findByRole("textbox", { name: /^Descrição do marketplace/ });
  return userEvent.setup();
}

const field = (name: string) => screen.getByLabelText(new RegExp(`^${name}`), { selector: "input" });
const pressTest = (user: ReturnType<typeof userEvent.setup>) =>
  user.click(screen.getByRole("button", { name: "Testar conexão" }));

beforeEach(async () => {
  await changeLanguage("pt-BR");
  logIn("OPERATOR");
});

describe("testing what is typed", () => {
  it("asks the provider and saves nothing; the shop, the warning and the provider's words are shown", async () => {
    const api = answers({
      result: testResult({
        identityWarning: "Estas credenciais são de outra loja.",
        account: { id: "77", name: "Outra Loja", document: "12ABC34501DE35", matchesClient: false, isBranch: false },
        providerMessage: "bem-vindo",
      }),
      userErrors: [],
    });
    const user = await add("MEU_CARRINHO");
    await user.type(field("Usuário"), "integracao");
    await user.type(field("Senha"), "segredo ");
    await pressTest(user);

    expect(await screen.findByText("O Meu Carrinho aceitou o usuário e a senha.")).toBeVisible();
    expect(screen.getByText("Estas credenciais são de outra loja.")).toBeVisible();
    expect(screen.getByText(/Outra Loja · 12\.ABC\.345\/01DE-35/)).toBeVisible();
    expect(screen.getByText("bem-vindo")).toBeVisible();
    expect(screen.getByRole("button", { name: "Adicionar marketplace" })).toBeEnabled();
    expect(api.of("TestMarketplaceConfig")).toEqual([
      {
        input: { clientProductId: "cpr_1", config: { meuCarrinho: { username: "integracao", password: "segredo " } } },
      },
    ]);
    expect(api.of("AddMarketplace")).toEqual([]);
  });

  it("needs no description, but all that the provider needs", async () => {
    const api = answers();
    const user = await add("MEU_CARRINHO");
    await user.type(field("Usuário"), "integracao");
    await pressTest(user);
    expect(await screen.findByText("Preencha este campo.")).toBeVisible();
    expect(field("Senha")).toHaveFocus();
    expect(api.of("TestMarketplaceConfig")).toEqual([]);
  });

  it("shows a mistake at its field", async () => {
    answers({
      result: null,
      userErrors: [
        { code: "TOO_LONG", field: ["config", "meuCarrinho", "username"], message: "É longo demais.", relatedId: null },
      ],
    });
    const user = await add("MEU_CARRINHO");
    await user.type(field("Usuário"), "integracao");
    await user.type(field("Senha"), "segredo");
    await pressTest(user);
    expect(await screen.findByText("É longo demais.")).toBeVisible();
    expect(field("Usuário")).toHaveAccessibleDescription(/É longo demais\./);
  });

  it("forgets the answer when something else is typed", async () => {
    answers();
    const user = await add("MEU_CARRINHO");
    await user.type(field("Usuário"), "integracao");
    await user.type(field("Senha"), "segredo");
    await pressTest(user);
    await screen.findByText("Conexão aceita");
    await user.type(field("Senha"), "2");
    await waitFor(() => expect(screen.queryByText("Conexão aceita")).not.toBeInTheDocument());
  });

  it("is not offered where the merchant installs", async () => {
    answers();
    await add("NUVEMSHOP");
    await waitFor(() => expect(screen.queryByRole("button", { name: "Testar conexão" })).not.toBeInTheDocument());
  });
});

describe("testing in the form of a saved connection", () => {
  it("asks about what is saved while nothing new is typed", async () => {
    const api = answers();
    const user = await edit(meuCarrinhoMarketplace());
    await pressTest(user);
    expect(await screen.findByText("A conexão salva funciona.")).toBeVisible();
    expect(api.of("TestMarketplace")).toEqual([{ input: { id: "mkp_1" } }]);
  });

  it("asks about what is typed when there is a new secret", async () => {
    const api = answers();
    const user = await edit(meuCarrinhoMarketplace());
    await user.type(field("Senha"), "nova");
    await pressTest(user);
    await screen.findByText("Conexão aceita");
    expect(api.of("TestMarketplaceConfig")).toMatchObject([
      { input: { config: { meuCarrinho: { username: "integracao", password: "nova" } } } },
    ]);
    expect(api.of("TestMarketplace")).toEqual([]);
  });

  it("asks for the secret when only another setting is typed, as the saved one cannot be read", async () => {
    const api = answers();
    const user = await edit(meuCarrinhoMarketplace());
    await user.type(field("Usuário"), "2");
    await pressTest(user);
    expect(await screen.findByText(/preencha também este campo/)).toBeVisible();
    expect(api.asked.map(({ name }) => name)).toEqual(["ProviderStatuses"]);
  });

  it("is not offered before the merchant has installed", async () => {
    answers();
    await edit(nuvemshopMarketplace());
    expect(screen.queryByRole("button", { name: "Testar conexão" })).not.toBeInTheDocument();
  });
});
