import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FormDialog } from "@/components/form";
import type { UnclaimedFieldsFragment } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AttachForm } from "./AttachForm";

const bakery = { id: "cli_1", name: "Padaria", documentFormatted: "12.ABC.345/01DE-35" };
const market = { id: "cli_2", name: "Mercado", documentFormatted: "33.000.167/0001-01" };

const installation = (suggestedClient: typeof bakery | null): UnclaimedFieldsFragment => ({
  id: "uin_1",
  provider: "NUVEMSHOP",
  createdAt: "2026-11-24T12:00:00Z",
  account: { id: "77", name: "Loja da Padaria", document: "12ABC34501DE35", matchesClient: null, isBranch: null },
  suggestedClient,
});

const owned = (id: string, waiting: string[]) => ({
  id,
  suspendedAt: null,
  product: { id: "prd_1", name: "Integration Marketplace", capabilities: ["MARKETPLACES"] },
  marketplaces: waiting.map((marketplace) => ({
    id: marketplace,
    provider: "NUVEMSHOP",
    description: `Loja ${marketplace}`,
    health: { reason: "WAITING_FOR_MERCHANT" },
  })),
});

const products: Record<string, object[]> = { cli_1: [owned("cpr_1", ["mkp_1"])], cli_2: [owned("cpr_2", [])] };

async function open(suggested: typeof bakery | null, attach?: object) {
  await changeLanguage("pt-BR");
  logIn("OPERATOR");
  const api = stubApi({
    ChooseClient: ({ search }) => ({
      clients: { edges: [bakery, market].filter(({ name }) => !search || name === search).map((node) => ({ node })) },
    }),
    InstallationTargets: ({ clientId }) => ({
      client: { id: clientId, products: products[String(clientId)] ?? [] },
    }),
    AttachInstallation: () => ({
      attachInstallation: attach ?? {
        marketplace: { id: "mkp_9", clientProduct: { id: "cpr_9", client: { id: "cli_9" } } },
        userErrors: [],
      },
    }),
  });
  const onDone = vi.fn();
  renderInRouter(
    <FormDialog opened onClose={() => undefined} title="Vincular">
      <AttachForm installation={installation(suggested)} onDone={onDone} />
    </FormDialog>,
  );
  await screen.findByRole("button", { name: "Vincular" });
  return { api, onDone, user: userEvent.setup() };
}

const attach = () => screen.getByRole("button", { name: "Vincular" });
const client = () => screen.getByRole("combobox", { name: /^Cliente/ });

beforeEach(() => vi.restoreAllMocks());

describe("attaching an installation", () => {
  it("takes the suggested client and its marketplace that waits, if nobody chooses otherwise", async () => {
    const { api, onDone, user } = await open(bakery);
    expect(await screen.findByRole("radio", { name: /aguardando: Loja mkp_1/ })).toBeChecked();
    await user.click(attach());
    await waitFor(() => expect(onDone).toHaveBeenCalledWith({ clientId: "cli_9", clientProductId: "cpr_9" }));
    expect(api.of("AttachInstallation")).toEqual([{ input: { id: "uin_1", marketplaceId: "mkp_1" } }]);
  });

  it("can make a new marketplace in another client's product", async () => {
    const { api, user } = await open(bakery);
    await user.clear(client());
    await user.type(client(), "Mercado");
    await user.click(await screen.findByRole("option", { name: /^Mercado/ }));
    expect(await screen.findByRole("radio", { name: "Novo marketplace em Integration Marketplace" })).toBeChecked();
    expect(screen.queryByRole("radio", { name: /Loja mkp_1/ })).not.toBeInTheDocument();
    await user.click(attach());
    await waitFor(() =>
      expect(api.of("AttachInstallation")).toEqual([{ input: { id: "uin_1", clientProductId: "cpr_2" } }]),
    );
  });

  it("needs a client", async () => {
    const { api, user } = await open(null);
    await user.click(attach());
    expect(await screen.findByText("Escolha o cliente.")).toBeVisible();
    expect(api.of("AttachInstallation")).toEqual([]);
  });

  it("names the client that has the shop already, with a link", async () => {
    const error = { code: "ACCOUNT_TAKEN", field: ["id"], message: "Esta loja já é de Outra.", relatedId: "cli_7" };
    const { user } = await open(bakery, { marketplace: null, userErrors: [error] });
    await screen.findByRole("radio", { name: /Loja mkp_1/ });
    await user.click(attach());
    expect(await screen.findByText(/Esta loja já é de Outra\./)).toBeVisible();
    expect(screen.getByRole("link", { name: "Abrir esse cliente" })).toHaveAttribute("href", "/clientes/cli_7");
  });
});
