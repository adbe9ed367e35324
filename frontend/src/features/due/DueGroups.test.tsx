// Proves: 3.6, 5.8
import { screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { DueFieldsFragment, OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { DueGroups } from "./DueGroups";

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000 + 60_000).toISOString();

const item = (change: Partial<DueFieldsFragment>): DueFieldsFragment => ({
  kind: "CREDENTIALS_END",
  at: inDays(3),
  withinDays: 7,
  message: "Peça um novo token.",
  client: { id: "cli_1", name: "Padaria" },
  marketplace: { id: "mkp_1", description: "Vitrine", clientProduct: { id: "cpr_1" } },
  accessKey: null,
  operator: null,
  provider: "SHOWKASE",
  ...change,
});

const key = { marketplace: null, accessKey: { id: "key_1", name: "Retaguarda", clientProduct: { id: "cpr_1" } } };
const secret = {
  kind: "APPLICATION_SECRET_ENDS",
  client: null,
  marketplace: null,
  provider: "NUVEMSHOP",
} as const;

async function show(
  items: DueFieldsFragment[],
  { role = "OPERATOR", most }: { role?: OperatorRole; most?: number } = {},
) {
  logIn(role);
  renderInRouter(
    <main>
      <DueGroups items={items} most={most} />
    </main>,
  );
  await screen.findByRole("main");
}

beforeEach(() => changeLanguage("pt-BR"));

describe("what is due", () => {
  it("is grouped by kind, each thing with its client, what to do and when it ends", async () => {
    await show([
      item({}),
      item({ kind: "ACCESS_KEY_ENDS", ...key }),
      item({ marketplace: { id: "mkp_2", description: "Outra", clientProduct: { id: "cpr_2" } } }),
    ]);
    expect(screen.getAllByRole("heading").map(({ textContent }) => textContent)).toEqual([
      "Credenciais que vencem (2)",
      "Chaves de acesso que vencem (1)",
    ]);
    const [first] = screen.getAllByRole("listitem");
    if (!first) throw new Error("nothing is shown");
    expect(within(first).getByRole("link", { name: "Padaria: Vitrine" })).toHaveAttribute(
      "href",
      "/clientes/cli_1/produtos/cpr_1",
    );
    expect(first).toHaveTextContent("Peça um novo token.");
    expect(first).toHaveTextContent("em 3 dias");
  });

  it("says that it is over when it is", async () => {
    await show([item({ at: inDays(-1.5), withinDays: 0 })]);
    expect(screen.getByRole("listitem")).toHaveTextContent("Venceu ontem");
  });

  it("has a beginning and no end where nobody uses a thing", async () => {
    await show([item({ kind: "ACCESS_KEY_UNUSED", withinDays: null, at: "2026-11-01T12:00:00Z", ...key })]);
    expect(screen.getByRole("listitem")).toHaveTextContent("desde 01/11/2026");
    expect(screen.getByRole("link", { name: "Ver todas as chaves nunca usadas" })).toBeVisible();
  });

  it("leads administrators to the settings for what belongs to no client", async () => {
    await show([item(secret)], { role: "ADMIN" });
    expect(screen.getByRole("link", { name: "Este portal: Nuvemshop" })).toHaveAttribute("href", "/configuracoes");
  });

  it("names the marketplace that refuses the software house's log-in, since when", async () => {
    const refused = { kind: "HOUSE_LOGIN_REFUSED", at: "2026-11-01T12:00:00Z", withinDays: null } as const;
    await show([item({ ...secret, ...refused, provider: "PLUG4MARKET" })], { role: "ADMIN" });
    expect(screen.getByRole("heading")).toHaveTextContent("Acesso da software house recusado (1)");
    expect(screen.getByRole("link", { name: "Este portal: Plug4Market" })).toHaveAttribute("href", "/configuracoes");
    expect(screen.getByRole("listitem")).toHaveTextContent("desde 01/11/2026");
  });

  it("names the operator whose session went on elsewhere, and leads to where it is ended", async () => {
    const moved = { kind: "SESSION_MOVED", at: "2026-11-01T12:00:00Z", withinDays: null, provider: null } as const;
    await show([item({ ...secret, ...moved, operator: { id: "opr_2", name: "Otto" } })], { role: "ADMIN" });
    expect(screen.getByRole("heading")).toHaveTextContent("Sessões que mudaram de navegador e de rede (1)");
    expect(screen.getByRole("link", { name: "Otto" })).toHaveAttribute("href", "/operadores");
  });

  it("leads from a trace of misuse to the key, or to who made keys", async () => {
    const trace = { at: "2026-11-01T12:00:00Z", withinDays: null, provider: null } as const;
    const maker = { ...secret, ...trace, kind: "KEYS_FOR_MANY_SHOPS" } as const;
    await show(
      [
        item({ ...trace, kind: "KEY_FROM_MANY_NETWORKS", ...key }),
        item({ ...maker, operator: { id: "opr_2", name: "Otto" } }),
        item({ ...maker, at: "2026-11-02T12:00:00Z" }),
      ],
      { role: "ADMIN" },
    );
    expect(screen.getAllByRole("heading").map(({ textContent }) => textContent)).toEqual([
      "Chaves usadas de redes demais (1)",
      "Quem gerou chaves para lojas demais (2)",
    ]);
    expect(screen.getByRole("link", { name: "Padaria: Retaguarda" })).toHaveAttribute(
      "href",
      "/clientes/cli_1/produtos/cpr_1",
    );
    for (const name of ["Otto", "Token de serviço"])
      expect(screen.getByRole("link", { name })).toHaveAttribute("href", "/operadores");
  });

  it("leads nobody else there", async () => {
    await show([item(secret)]);
    expect(screen.queryByRole("link")).not.toBeInTheDocument();
  });

  it("shows no more of a kind than asked, and says how many there are", async () => {
    const many = Array.from({ length: 8 }, (_, n) =>
      item({ marketplace: { id: `mkp_${n}`, description: `Loja ${n}`, clientProduct: { id: "cpr_1" } } }),
    );
    await show(many, { most: 5 });
    expect(screen.getAllByRole("listitem")).toHaveLength(5);
    expect(screen.getByRole("heading")).toHaveTextContent("Credenciais que vencem (8)");
  });

  it("is nothing", async () => {
    await show([]);
    expect(screen.getByText("Nada a vencer")).toBeVisible();
  });
});
