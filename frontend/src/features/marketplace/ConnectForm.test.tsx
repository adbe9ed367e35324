import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AddMarketplaceDialog } from "./AddMarketplaceDialog";
import { mintableStatuses, plug4MarketMarketplace, providerStatuses } from "./testing";

async function choose(statuses: () => object, userErrors: object[] = []) {
  const api = stubApi({
    ProviderStatuses: statuses,
    ConnectMarketplace: () => ({
      connectMarketplace: { marketplace: userErrors.length ? null : plug4MarketMarketplace(), userErrors },
    }),
  });
  const onClose = vi.fn();
  renderInRouter(
    <AddMarketplaceDialog client="Padaria" clientProductId="cpr_1" opened onClose={onClose} onInstall={vi.fn()} />,
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: /^Plug4Market/ }));
  return { api, onClose, user };
}

beforeEach(async () => {
  await changeLanguage("pt-BR");
  logIn("OPERATOR");
});

describe("a new connection by the software house's log-in", () => {
  it("takes two clicks: the provider and Conectar", async () => {
    const { api, onClose, user } = await choose(mintableStatuses);
    await user.click(await screen.findByRole("button", { name: "Conectar" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(api.of("ConnectMarketplace")).toEqual([
      {
        input: {
          clientProductId: "cpr_1",
          description: "Plug4Market",
          provider: "PLUG4MARKET",
          idempotencyKey: expect.any(String),
        },
      },
    ]);
  });

  it("says what to do when the provider knows no such store, and stays open", async () => {
    const unknown = {
      code: "STORE_UNKNOWN",
      field: ["provider"],
      message: "Cadastre ou vincule a loja lá.",
      relatedId: null,
    };
    const { onClose, user } = await choose(mintableStatuses, [unknown]);
    await user.click(await screen.findByRole("button", { name: "Conectar" }));
    expect(await screen.findByText("Cadastre ou vincule a loja lá.")).toBeVisible();
    expect(onClose).not.toHaveBeenCalled();
  });

  it("leaves the tokens as the other way", async () => {
    const { user } = await choose(mintableStatuses);
    await user.click(await screen.findByRole("button", { name: "Informar os tokens" }));
    expect(await screen.findByLabelText(/^Refresh Token/, { selector: "input" })).toBeVisible();
  });

  it("is not offered where the portal has no such log-in", async () => {
    await choose(() => providerStatuses);
    expect(await screen.findByLabelText(/^Refresh Token/, { selector: "input" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Conectar" })).not.toBeInTheDocument();
  });
});
