import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { useCallback, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { remember } from "@/lib/recents";
import { logIn, refused, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { FindBox } from "./FindBox";
import { useFindKey } from "./findKey";

const client = (id: string, name: string, change: object = {}) => ({
  __typename: "Client" as const,
  id,
  name,
  tradeName: null,
  documentFormatted: "33.000.167/0001-01",
  archivedAt: null,
  products: [
    {
      id: `cpr_${id}`,
      suspendedAt: null,
      product: { id: "prd_1", capabilities: ["MARKETPLACES", "ACCESS_KEYS"] },
      marketplaces: [{ id: "mkp_9", health: { state: "NEEDS_ATTENTION", reason: "TOKEN_REFUSED" } }],
    },
  ],
  ...change,
});

const hub = {
  __typename: "Marketplace" as const,
  id: "mkp_1",
  provider: "PLUG4MARKET",
  description: "Hub",
  health: { state: "CONNECTED", reason: "CHECK_PASSED" },
  clientProduct: { id: "cpr_1", client: { id: "cli_1", name: "Padaria" } },
};

const key = {
  __typename: "AccessKey" as const,
  id: "key_1",
  name: "Retaguarda",
  visiblePart: "chv_live_0aB1cD2eF3gH",
  last4: "x9Zk",
  status: "REVOKED",
  lastUsedAt: null,
  expiresAt: null,
  baitSince: null,
  clientProduct: { id: "cpr_1", client: { id: "cli_1", name: "Padaria", archivedAt: null } },
};

const some = (nodes: object[] = [], more = false) => ({ nodes, more });
const nothing = { clients: some(), marketplaces: some(), accessKeys: some(), operators: some(), serviceTokens: some() };

/** The box over a page with a field, as an operator has it. Answers are by what is searched for. */
async function open(answers: Record<string, object> = {}, role: "OPERATOR" | "VIEWER" | "ADMIN" = "OPERATOR") {
  const api = stubApi({
    Find: ({ text }) => ({ find: { ...nothing, ...answers[String(text)] } }),
    Recents: ({ ids }) => ({ nodes: (ids as string[]).map((id) => (id === "cli_1" ? client(id, "Padaria") : null)) }),
    Logout: () => ({ logout: { userErrors: [] } }),
  });
  logIn(role);
  const shortcuts = vi.fn();
  function Page() {
    const [opened, setOpened] = useState(false);
    useFindKey(useCallback(() => setOpened(true), []));
    return (
      <>
        <input aria-label="Nome" />
        <FindBox opened={opened} onClose={() => setOpened(false)} onShortcuts={shortcuts} />
      </>
    );
  }
  const router = renderInRouter(<Page />);
  const field = await screen.findByLabelText("Nome");
  field.focus();
  const pressed = fireEvent.keyDown(field, { key: "k", ctrlKey: true });
  const box: HTMLInputElement = await screen.findByRole("combobox", { name: "Buscar em tudo" });
  const type = (text: string) => fireEvent.change(box, { target: { value: text } });
  const press = (key: string, more: object = {}) => fireEvent.keyDown(box, { key, ...more });
  const path = () => router.latestLocation.pathname;
  return { api, router, box, type, press, path, pressed, shortcuts };
}

const option = (name: RegExp | string) => screen.findByRole("option", { name });

beforeEach(() => changeLanguage("pt-BR"));

afterEach(() => localStorage.clear());

describe("the box", () => {
  it("opens while a field has the focus, instead of the browser's own", async () => {
    const { pressed, box } = await open();
    expect(pressed).toBe(false); // its own was prevented
    await waitFor(() => expect(box).toHaveFocus());
  });

  it("shows what was opened last, with its state now, and nothing that is gone", async () => {
    logIn("OPERATOR");
    remember("opr_1", "cli_1");
    remember("opr_1", "cli_2");
    const { api } = await open();
    const group = await screen.findByRole("group", { name: "Abertos recentemente" });
    expect(within(group).getAllByRole("option")).toHaveLength(1);
    expect(await option(/Padaria.*Com problema/)).toBeInTheDocument();
    expect(api.of("Recents")).toEqual([{ ids: ["cli_2", "cli_1"] }]);
  });

  it("finds each kind, with its state and the way to all of it", async () => {
    const { type, router } = await open({
      pad: { clients: some([client("cli_1", "Padaria")], true), marketplaces: some([hub]), accessKeys: some([key]) },
    });
    type("pad");
    expect(await option(/^Padaria33.*Com problema$/)).toBeInTheDocument();
    expect(await option(/^Hub.*Plug4Market · Padaria.*Conectado$/)).toBeInTheDocument();
    expect(await option(/^Padaria · Retaguarda.*Revogada$/)).toBeInTheDocument();
    expect(screen.getByRole("status")).toHaveTextContent(/resultados/);
    fireEvent.click(await option("Ver todos"));
    await waitFor(() => expect(router.latestLocation.href).toBe("/clientes?q=pad"));
  });

  it("offers nothing that an earlier text has found, and Enter waits for what the text itself finds", async () => {
    const { api, type, press, path } = await open({
      padaria: { clients: some([client("cli_1", "Padaria")]) },
      mercado: { clients: some([client("cli_2", "Mercado")]) },
    });
    type("padaria");
    await option(/^Padaria/);
    type("mercado");
    expect(screen.queryByText("Padaria")).toBeNull();
    press("Enter");
    expect(path()).toBe("/");
    await waitFor(() => expect(path()).toBe("/clientes/cli_2"));
    expect(api.of("Find")).toEqual([{ text: "padaria" }, { text: "mercado" }]);
  });

  it("sends of a pasted key what can be seen of it, and says whose it is and in which state", async () => {
    const { api, type, box } = await open({ chv_live_0aB1cD2eF3gH: { accessKeys: some([key]) } });
    type(`Bearer chv_live_0aB1cD2eF3gH_${"s".repeat(49)}`);
    expect(box).toHaveValue("chv_live_0aB1cD2eF3gH");
    expect(await option(/^Padaria · Retaguarda.*Revogada$/)).toHaveAttribute("aria-selected", "true");
    expect(api.of("Find")).toEqual([{ text: "chv_live_0aB1cD2eF3gH" }]);
  });

  it("says that a key is of no client here, and that nothing was found", async () => {
    const { type } = await open();
    type("chv_live_0aB1cD2eF3gX");
    await waitFor(() =>
      expect(screen.getByRole("status")).toHaveTextContent("Nenhuma chave deste portal começa assim."),
    );
    type("xyzw");
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("Nada encontrado."));
  });

  it("finds pages by what people call them", async () => {
    const { type, press, path } = await open();
    for (const [text, name] of [
      ["tema", "Alternar entre claro e escuro"],
      ["idioma", "Mudar para inglês"],
      ["vencimentos", "A vencer"],
      ["senha", "Minha conta"],
      ["auditoria", "Auditoria"],
      ["problema", "Clientes com problema"],
      ["sair", "Sair"],
    ] as const) {
      type(text);
      expect(await option(name)).toHaveAttribute("aria-selected", "true");
    }
    type("token");
    expect(screen.queryByRole("option", { name: "Tokens de serviço" })).toBeNull(); // administrators have them
    type("vencim");
    await option("A vencer");
    press("Enter");
    await waitFor(() => expect(path()).toBe("/vencimentos"));
  });

  it("makes a key for a client, tests a connection, and adds a client with the document that was typed", async () => {
    const { type, press, router, path } = await open({
      padaria: { clients: some([client("cli_1", "Padaria")]) },
      hub: { marketplaces: some([hub]) },
    });
    type("nova chave para padaria");
    expect(await option("Nova chave para Padaria")).toHaveAttribute("aria-selected", "true");
    type("testar conexão hub");
    expect(await option("Testar a conexão Hub de Padaria")).toHaveAttribute("aria-selected", "true");
    type("11222333000181");
    await option("Novo cliente com o CNPJ 11.222.333/0001-81");
    press("Enter");
    await waitFor(() => expect(path()).toBe("/clientes"));
    expect(router.latestLocation.state).toMatchObject({ document: "11.222.333/0001-81" });
  });

  it("offers a viewer nothing to be done", async () => {
    const { type } = await open({ padaria: { clients: some([client("cli_1", "Padaria")]) } }, "VIEWER");
    type("padaria");
    await option(/^Padaria/);
    expect(screen.queryByRole("option", { name: /Nova chave/ })).toBeNull();
  });

  it("leads by the arrows through all that it shows, and starts at its other end", async () => {
    const { type, press, box } = await open({
      pad: { clients: some([client("cli_1", "Padaria")]), marketplaces: some([hub]) },
    });
    type("pad");
    await option(/^Padaria/);
    const chosen = () => document.getElementById(box.getAttribute("aria-activedescendant") ?? "")?.textContent;
    expect(chosen()).toMatch(/^Padaria/);
    press("ArrowDown");
    expect(chosen()).toMatch(/^Hub/);
    press("ArrowUp");
    press("ArrowUp");
    expect(chosen()).toMatch(/^Testar a conexão Hub/);
  });

  it("says what went wrong, and tries again", async () => {
    let broken = true;
    const { type } = await open();
    stubApi({ Find: () => (broken ? refused("INTERNAL") : { find: { ...nothing, marketplaces: some([hub]) } }) });
    type("hub");
    expect(await screen.findByText("O portal teve uma falha. Tente de novo em instantes.")).toBeInTheDocument();
    broken = false;
    act(() => screen.getByRole("button", { name: "Tentar de novo" }).click());
    expect(await option(/^Hub/)).toBeInTheDocument();
  });
});
