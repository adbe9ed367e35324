import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MarketplaceFieldsFragment, OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { MarketplaceSection } from "../MarketplaceSection";
import { nuvemshopMarketplace, providerStatuses } from "../testing";

const url = "https://portal.example/i/segredo";
const link = { id: "ilk_1", createdBy: "Marina", expiresAt: "2026-12-01T12:00:00Z" };

function answers(change: Partial<Parameters<typeof stubApi>[0]> = {}) {
  return stubApi({
    ProviderStatuses: () => providerStatuses,
    StartInstall: () => ({
      startInstall: {
        authorizeUrl: "https://www.nuvemshop.example/apps/1/authorize?state=x",
        expiresAt: "2026-11-24T12:10:00Z",
        userErrors: [],
      },
    }),
    CreateInstallLink: () => ({
      createInstallLink: { url, marketplace: { id: "mkp_1", installLink: link }, userErrors: [] },
    }),
    RevokeInstallLink: () => ({
      revokeInstallLink: { marketplace: { id: "mkp_1", installLink: null }, userErrors: [] },
    }),
    ...change,
  });
}

function show(marketplace: MarketplaceFieldsFragment = nuvemshopMarketplace(), role: OperatorRole = "OPERATOR") {
  logIn(role);
  renderInRouter(
    <MarketplaceSection id="marketplace" clientProductId="cpr_1" client="Padaria" marketplaces={[marketplace]} />,
  );
  return userEvent.setup();
}

/** A tab that the browser opens, or none when it blocks it. */
function tabs(blocked = false) {
  const tab = {
    opener: window as unknown,
    closed: false,
    document: window.document.implementation.createHTMLDocument(),
    location: { replace: vi.fn() },
    close: vi.fn(),
  };
  vi.spyOn(window, "open").mockReturnValue(blocked ? null : (tab as unknown as Window));
  return tab;
}

const here = () => screen.findByRole("button", { name: "Abrir instalação neste navegador" });
const create = () => screen.findByRole("button", { name: "Criar link para o lojista" });

beforeEach(() => changeLanguage("pt-BR"));

describe("a new marketplace whose merchant installs", () => {
  it("leads on to the two ways to connect it", async () => {
    const api = answers({
      AddMarketplace: () => ({
        addMarketplace: { marketplace: nuvemshopMarketplace({ id: "mkp_2" }), userErrors: [] },
      }),
    });
    const user = show();
    await user.click(await screen.findByRole("button", { name: "Novo" }));
    await user.click(await screen.findByRole("button", { name: /^Nuvemshop/ }));
    await user.type(await screen.findByRole("textbox", { name: /^Descrição do marketplace/ }), "Loja virtual");
    await user.click(screen.getByRole("button", { name: "Adicionar marketplace" }));
    const dialog = await screen.findByRole("dialog", { name: "Conectar Loja virtual de Padaria" });
    expect(await within(dialog).findByRole("button", { name: "Abrir instalação neste navegador" })).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Criar link para o lojista" }));
    expect(await screen.findByRole("dialog", { name: "Link para o lojista de Padaria" })).toBeVisible();
    expect(api.of("CreateInstallLink")).toEqual([{ input: { marketplaceId: "mkp_2" } }]);
  });
});

describe("an install in this browser", () => {
  it("opens the provider's page in a tab that knows nothing of this one", async () => {
    const tab = tabs();
    const api = answers();
    const user = show();
    await user.click(await here());
    expect(await screen.findByText(/A Nuvemshop foi aberta em outra aba/)).toBeVisible();
    expect(api.of("StartInstall")).toEqual([{ input: { marketplaceId: "mkp_1" } }]);
    expect(tab.location.replace).toHaveBeenCalledExactlyOnceWith(
      "https://www.nuvemshop.example/apps/1/authorize?state=x",
    );
    expect(tab.opener).toBeNull();
  });

  it("is a link to press when the browser blocks the tab", async () => {
    tabs(true);
    answers();
    const user = show();
    await user.click(await here());
    expect(await screen.findByRole("link", { name: "Abrir a instalação" })).toHaveAttribute(
      "href",
      "https://www.nuvemshop.example/apps/1/authorize?state=x",
    );
  });

  it("leads to no address that is not of the web", async () => {
    const tab = tabs();
    answers({ StartInstall: () => ({ startInstall: { authorizeUrl: "javascript:alert(1)", userErrors: [] } }) });
    const user = show();
    await user.click(await here());
    await waitFor(() => expect(tab.close).toHaveBeenCalled());
    expect(tab.location.replace).not.toHaveBeenCalled();
    expect(screen.queryByRole("link")).not.toBeInTheDocument();
  });

  it("closes the tab and says what is wrong when it cannot begin", async () => {
    const tab = tabs();
    const error = { code: "PROVIDER_NOT_CONFIGURED", field: [], message: "Falta configurar.", relatedId: null };
    answers({ StartInstall: () => ({ startInstall: { authorizeUrl: null, expiresAt: null, userErrors: [error] } }) });
    const user = show();
    await user.click(await here());
    expect(await screen.findByText("Falta configurar.")).toBeVisible();
    expect(tab.close).toHaveBeenCalled();
  });
});

describe("a link for the merchant", () => {
  it("is shown once, to copy and to send, with whom it is for", async () => {
    answers();
    const user = show();
    await user.click(await create());
    const dialog = await screen.findByRole("dialog", { name: "Link para o lojista de Padaria" });
    expect(within(dialog).getByRole("region", { name: "Link de instalação" })).toHaveTextContent(url);
    expect(within(dialog).getByText(/Padaria.*Loja virtual/)).toBeVisible();
    const whatsapp = within(dialog).getByRole("link", { name: "Enviar por WhatsApp" });
    expect(whatsapp.getAttribute("href")).toMatch(/^https:\/\/wa\.me\/\?text=/);
    expect(decodeURIComponent(whatsapp.getAttribute("href") ?? "")).toContain(url);
    expect(whatsapp).toHaveAttribute("rel", "noopener noreferrer");
    await user.click(within(dialog).getByRole("button", { name: "Copiar link" }));
    expect(await navigator.clipboard.readText()).toBe(url);
  });

  it("that exists can be revoked, after a question", async () => {
    const api = answers();
    const user = show(nuvemshopMarketplace({ installLink: link }));
    await user.click(await screen.findByRole("button", { name: "Revogar o link de Loja virtual" }));
    expect(api.of("RevokeInstallLink")).toEqual([]);
    const question = await screen.findByRole("dialog", { name: "Revogar o link do lojista de Padaria?" });
    await user.click(within(question).getByRole("button", { name: "Revogar" }));
    await waitFor(() => expect(api.of("RevokeInstallLink")).toEqual([{ input: { marketplaceId: "mkp_1" } }]));
  });
});

describe("a provider that is not configured", () => {
  const unconfigured = {
    ProviderStatuses: () => ({
      providers: providerStatuses.providers.map((status) => ({
        ...status,
        configured: false,
        message: "Falta o número do aplicativo.",
      })),
    }),
  };

  it("is explained, with the way to the settings for an administrator", async () => {
    answers(unconfigured);
    show(nuvemshopMarketplace(), "ADMIN");
    expect(await screen.findByText("Falta o número do aplicativo.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Abrir as Configurações" })).toHaveAttribute("href", "/configuracoes");
    expect(screen.queryByRole("button", { name: "Criar link para o lojista" })).not.toBeInTheDocument();
  });

  it("is explained to everybody else with whom to ask", async () => {
    answers(unconfigured);
    show();
    expect(await screen.findByText(/Peça a um administrador/)).toBeVisible();
    expect(screen.queryByRole("link")).not.toBeInTheDocument();
  });
});

it("a viewer is offered no way to install", async () => {
  answers();
  show(nuvemshopMarketplace({ installLink: link }), "VIEWER");
  expect(await screen.findByText(/Há um link criado por Marina/)).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});
