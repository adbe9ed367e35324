import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MarketplaceFieldsFragment, MarketplaceTestFieldsFragment, OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { MarketplaceRow } from "./MarketplaceRow";
import {
  health,
  meuCarrinhoMarketplace,
  mintableStatuses,
  plug4MarketMarketplace,
  providerStatuses,
  testResult,
} from "./testing";

const refused = meuCarrinhoMarketplace({
  health: {
    state: "NEEDS_ATTENTION",
    reason: "PASSWORD_REFUSED",
    message: "O Meu Carrinho recusou o usuário e a senha. Peça a nova senha ao cliente.",
    since: "2026-11-24T12:00:00Z",
    lastCheckedAt: "2026-11-24T12:00:00Z",
    nextCheckAt: null,
  },
  providerMessage: "Usuário ou senha inválidos",
  account: { id: null, name: "Outra Loja", document: "12ABC34501DE35", matchesClient: false, isBranch: false },
});

function show(
  marketplace: MarketplaceFieldsFragment,
  {
    role = "OPERATOR",
    result = testResult(),
    mintable = false,
  }: { role?: OperatorRole; result?: MarketplaceTestFieldsFragment | null; mintable?: boolean } = {},
) {
  logIn(role);
  const api = stubApi({
    ProviderStatuses: () => (mintable ? mintableStatuses() : providerStatuses),
    TestMarketplace: () => ({ testMarketplace: { result, userErrors: [] } }),
    ConfirmShop: () => ({ confirmMarketplaceShop: { marketplace: null, userErrors: [] } }),
  });
  const onEdit = vi.fn();
  renderInRouter(
    <ul>
      <MarketplaceRow client="Padaria" marketplace={marketplace} onEdit={onEdit} onLink={vi.fn()} />
    </ul>,
  );
  return { api, onEdit, user: userEvent.setup() };
}

const testButton = () => screen.findByRole("button", { name: "Testar conexão de Delivery" });

beforeEach(() => changeLanguage("pt-BR"));

describe("a connection in trouble", () => {
  it("leads to the provider's panel, and has a message for the merchant", async () => {
    show(refused);
    const panel = await screen.findByRole("link", { name: /Abrir o painel do marketplace Meu Carrinho/ });
    expect(panel).toHaveAttribute("href", "https://painel.example/");
    expect(screen.getByText("Mensagem para o lojista")).toBeVisible();
    expect(screen.getByRole("link", { name: "Enviar por WhatsApp", hidden: true }).getAttribute("href")).toContain(
      encodeURIComponent("loja Padaria"),
    );
  });

  it("shows what the portal found apart from what the provider said", async () => {
    show(
      meuCarrinhoMarketplace({ health: health("FAILING", "UNREACHABLE"), technicalDetail: "POST https://x: refused" }),
    );
    expect(await screen.findByText("POST https://x: refused")).toBeVisible();
    expect(screen.getByText(/Detalhe técnico/)).toBeVisible();
    expect(screen.queryByText(/Resposta do marketplace/)).not.toBeInTheDocument();
  });

  it("says why, in the portal's words and the provider's, and offers what helps", async () => {
    const { user, onEdit } = show(refused);
    expect(await screen.findByText(/recusou o usuário e a senha/)).toBeVisible();
    expect(screen.getByText("Precisa de atenção")).toBeVisible();
    expect(screen.getByText(/^Desde/)).toHaveTextContent(/^Desde 24\/11\/2026, \d\d:00 · última verificação/);
    expect(screen.getByText("Usuário ou senha inválidos")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Informar a nova senha" }));
    expect(onEdit).toHaveBeenCalled();
  });

  it("warns that the shop is not the client's", async () => {
    show(refused);
    expect(await screen.findByText("CNPJ diferente do cliente")).toBeVisible();
    expect(screen.getByText(/12\.ABC\.345\/01DE-35/)).toBeVisible();
  });

  it("offers a viewer nothing", async () => {
    show(refused, { role: "VIEWER" });
    expect(await screen.findByText("Precisa de atenção")).toBeVisible();
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });
});

describe("a connection to a shop of another CNPJ", () => {
  const other = { id: null, name: "Outra Loja", document: "12ABC34501DE35", matchesClient: false, isBranch: false };
  const wrong = meuCarrinhoMarketplace({ health: health("NEEDS_ATTENTION", "WRONG_SHOP"), account: other });

  it("is confirmed by typing the shop's name", async () => {
    const { api, user } = show(wrong);
    await user.click(await screen.findByRole("button", { name: "Confirmar a loja de Delivery" }));
    const field = await screen.findByRole("textbox", { name: /Nome da loja/ });
    expect(field).toHaveAccessibleDescription("Digite exatamente: Outra Loja");
    await user.type(field, "Outra Loja");
    await user.click(screen.getByRole("button", { name: "Confirmar a loja" }));
    await waitFor(() => expect(api.of("ConfirmShop")).toEqual([{ input: { id: "mkp_1", shopName: "Outra Loja" } }]));
  });

  it("is not confirmed by a viewer", async () => {
    show(wrong, { role: "VIEWER" });
    expect(await screen.findByText("Precisa de atenção")).toBeVisible();
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("says of another branch that it is one, and warns of nothing", async () => {
    show(meuCarrinhoMarketplace({ account: { ...other, isBranch: true } }));
    expect(await screen.findByText("Outra filial do cliente")).toBeVisible();
    expect(screen.queryByText("CNPJ diferente do cliente")).not.toBeInTheDocument();
  });
});

describe("a connection that waits for its provider", () => {
  const waiting = meuCarrinhoMarketplace({ health: health("FAILING", "PROVIDER_INCIDENT") });

  it("says so in place of an alarm, and asks nobody to do anything", async () => {
    show(waiting);
    expect(await screen.findByText("Marketplace com problema")).toBeVisible();
    expect(screen.queryByText("Com falha")).not.toBeInTheDocument();
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Informar a nova senha" })).not.toBeInTheDocument();
  });
});

describe("a connection that the house's log-in may mend", () => {
  const lost = plug4MarketMarketplace({ health: health("NEEDS_ATTENTION", "RENEWAL_LOST") });

  it("is connected again by one button, with the tokens as the other way", async () => {
    const { api, user, onEdit } = show(lost, { mintable: true });
    await user.click(await screen.findByRole("button", { name: "Conectar Hub de novo" }));
    await waitFor(() => expect(api.of("TestMarketplace")).toEqual([{ input: { id: "mkp_1" } }]));
    await user.click(screen.getByRole("button", { name: "Informar um novo par de tokens" }));
    expect(onEdit).toHaveBeenCalled();
  });

  it("takes new tokens where there is no house", async () => {
    show(lost);
    expect(await screen.findByRole("button", { name: "Informar um novo par de tokens" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Conectar Hub de novo" })).not.toBeInTheDocument();
  });
});

describe("an answer that nobody could read", () => {
  it("is told, with its end and who can look at it", async () => {
    show(plug4MarketMarketplace({ unreadAnswerUntil: "2026-11-25T12:00:00Z" }));
    const notice = await screen.findByRole("note");
    expect(notice).toHaveTextContent(
      /guardada, cifrada, até 25\/11\/2026, \d\d:00\. Peça a quem administra o servidor\./,
    );
  });
});

describe("the test of a saved connection", () => {
  it("is said in a sentence that a screen reader hears", async () => {
    const { api, user } = show(meuCarrinhoMarketplace());
    await user.click(await testButton());
    const answer = await screen.findByText("O Meu Carrinho aceitou o usuário e a senha.");
    expect(answer.closest('[role="status"]')).toBeInTheDocument();
    expect(api.of("TestMarketplace")).toEqual([{ input: { id: "mkp_1" } }]);
    await user.click(screen.getByRole("button", { name: "Fechar o resultado do teste" }));
    await waitFor(() => expect(answer).not.toBeInTheDocument());
  });

  it("says that it goes on when the provider takes its time", async () => {
    const { user } = show(meuCarrinhoMarketplace(), { result: null });
    await user.click(await testButton());
    expect(await screen.findByText(/O teste continua/)).toBeVisible();
  });
});
