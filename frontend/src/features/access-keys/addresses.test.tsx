// Proves: 5.4
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccessKeyFieldsFragment, OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { addressesOf, plainNetwork } from "@/lib/addresses";
import { accessKeyOf, keyClient } from "@/test/accessKey";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AccessKeySection } from "./AccessKeySection";

async function show(accessKeys: AccessKeyFieldsFragment[], role: OperatorRole = "OPERATOR") {
  logIn(role);
  renderInRouter(
    <AccessKeySection
      id="chaves"
      clientProductId="cpr_1"
      accessKeys={accessKeys}
      client={keyClient}
      marketplaces={[]}
    />,
  );
  await screen.findByText("Uma só chave atende todos os marketplaces do cliente.");
  return userEvent.setup();
}

const invalid = (place: number) => ({
  code: "ADDRESS_INVALID",
  field: ["addresses", String(place)],
  message: `O número ${place} da lista não serve.`,
  relatedId: null,
});

beforeEach(() => changeLanguage("pt-BR"));

describe("the addresses of a key", () => {
  it("are shown as people write them", () => {
    const networks = ["203.0.113.7/32", "203.0.113.0/24", "2001:db8::1/128", "2001:db8::/32"];
    expect(networks.map(plainNetwork)).toEqual(["203.0.113.7", "203.0.113.0/24", "2001:db8::1", "2001:db8::/32"]);
    expect(addressesOf(" 203.0.113.7 \r\n\n\t\n::1")).toEqual(["203.0.113.7", "::1"]);
  });

  it("are an option of a new key, and what is wrong is said with its line", async () => {
    const api = stubApi({
      CreateAccessKey: () => ({
        createAccessKey: { accessKey: null, token: null, userErrors: [invalid(0), invalid(2)] },
      }),
    });
    const user = await show([]);
    await user.click(screen.getByRole("button", { name: /Novo|Nova/ }));
    const dialog = within(await screen.findByRole("dialog", { name: "Nova chave de acesso de Padaria" }));
    const field = await dialog.findByLabelText("Endereços permitidos");
    expect(field).not.toBeVisible();
    const option = dialog.getByText("Limitar de onde a chave é aceita (opcional)");
    await user.click(option);
    await user.click(field);
    await user.paste("\nx\n203.0.113.7\n\n y");
    await user.click(option);
    expect(field).not.toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Gerar chave" }));

    await dialog.findByText("Linha 2: O número 0 da lista não serve. Linha 5: O número 2 da lista não serve.");
    expect(field).toBeVisible();
    expect(field).toHaveFocus();
    expect(api.of("CreateAccessKey")).toMatchObject([{ input: { addresses: ["x", "203.0.113.7", "y"] } }]);
  });

  it("are changed where they stand", async () => {
    const bound = accessKeyOf({ addresses: ["203.0.113.7/32", "2001:db8::/32"] });
    const api = stubApi({
      UpdateAccessKey: () => ({ updateAccessKey: { accessKey: bound, userErrors: [] } }),
    });
    const user = await show([bound]);
    expect(screen.getByText("203.0.113.7, 2001:db8::/32")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Alterar os endereços da chave Retaguarda" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Endereços da chave Retaguarda de Padaria" }));
    const field = await dialog.findByLabelText("Endereços permitidos");
    expect(field).toHaveValue("203.0.113.7\n2001:db8::/32");
    await user.clear(field);
    await user.click(dialog.getByRole("button", { name: "Salvar" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(api.of("UpdateAccessKey")).toEqual([{ input: { id: "key_1", version: 1, addresses: [] } }]);
  });

  it("are read only for who only reads, and for keys that no longer work", async () => {
    await show([accessKeyOf({ addresses: ["203.0.113.7/32"] }), accessKeyOf({ id: "key_2", name: "Outra" })], "VIEWER");
    expect(screen.getByText("203.0.113.7")).toBeVisible();
    expect(screen.getByText("Qualquer um")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Alterar/ })).not.toBeInTheDocument();
  });
});

describe("a key that came from elsewhere", () => {
  const refused = { addresses: ["192.0.2.1/32"], refusedAt: new Date().toISOString(), refusedAddress: "203.0.113.7" };
  const said = /Recusada: chamada de 203\.0\.113\.7, fora dos endereços permitidos/;

  it("says so, used before or never", async () => {
    const used = { lastUsedAt: new Date().toISOString(), lastUsedAddress: "192.0.2.1" };
    await show([accessKeyOf(refused), accessKeyOf({ id: "key_2", ...refused, ...used })]);
    expect(screen.getAllByText(said)).toHaveLength(2);
  });

  it("says nothing when it no longer works", async () => {
    await show([accessKeyOf({ ...refused, status: "REVOKED", revokedAt: new Date().toISOString() })]);
    expect(screen.queryByText(said)).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Alterar/ })).not.toBeInTheDocument();
  });
});
