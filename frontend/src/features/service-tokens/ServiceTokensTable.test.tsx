import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { ServiceTokenFieldsFragment } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInPage } from "@/test/render";
import { ServiceTokensTable } from "./ServiceTokensTable";

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

const serviceToken = (change: Partial<ServiceTokenFieldsFragment>): ServiceTokenFieldsFragment =>
  ({
    id: "svt_1",
    name: "Faturamento",
    role: "VIEWER",
    scopes: ["WRITE"],
    addresses: [],
    visiblePart: "chv_serv_0aB1cD2eF3gH",
    last4: "wxyz",
    createdAt: inDays(-10),
    createdBy: "Ana",
    expiresAt: inDays(10),
    revokedAt: null,
    lastUsedAt: null,
    lastUsedAddress: null,
    exposedAt: null,
    ...change,
  }) as ServiceTokenFieldsFragment;

const flag = "Exposto em URL, cookie ou corpo: substitua";
const show = (change: Partial<ServiceTokenFieldsFragment>) =>
  renderInPage(<ServiceTokensTable serviceTokens={[serviceToken(change)]} />);

beforeEach(() => changeLanguage("pt-BR"));

describe("a service token that others could read", () => {
  it("is flagged while it works", () => {
    show({ exposedAt: inDays(-1) });
    expect(screen.getByText(flag)).toBeVisible();
  });

  it.each([
    ["one that nobody saw", {}],
    ["one that was revoked", { exposedAt: inDays(-1), revokedAt: inDays(-1) }],
    ["one that has expired", { exposedAt: inDays(-2), expiresAt: inDays(-1) }],
  ])("and not %s", (_, change) => {
    show(change);
    expect(screen.getByText("Faturamento")).toBeVisible();
    expect(screen.queryByText(flag)).toBeNull();
  });
});

describe("revoking a service token", () => {
  const made = (id: string, client: string) => ({
    node: { id, name: "Caixa", visiblePart: `chv_live_${id}`, clientProduct: { client: { name: client } } },
  });

  it("offers the keys that it made, and revokes those that are chosen together with it", async () => {
    logIn("ADMIN");
    const api = stubApi({
      MadeKeys: () => ({ accessKeys: { totalCount: 2, edges: [made("key_1", "Padaria"), made("key_2", "Livraria")] } }),
      RevokeServiceToken: () => ({ revokeServiceToken: { serviceToken: serviceToken({}), userErrors: [] } }),
    });
    show({});
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Revogar o token Faturamento" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Revogar o token Faturamento?" }));
    const bakery = await dialog.findByRole("checkbox", { name: "Padaria: Caixa" });
    expect(bakery).not.toBeChecked();
    await user.click(bakery);
    await user.click(dialog.getByRole("button", { name: "Revogar" }));
    await waitFor(() =>
      expect(api.of("RevokeServiceToken")).toEqual([{ input: { id: "svt_1", accessKeyIds: ["key_1"] } }]),
    );
    expect(api.of("MadeKeys")).toEqual([{ by: "svt_1" }]);
  });
});
