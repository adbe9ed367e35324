import { readdirSync, readFileSync } from "node:fs";
import { screen } from "@testing-library/react";
import i18n from "i18next";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MarketplaceHealthReason } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { ApiError } from "@/lib/transport";
import { logIn } from "@/test/api";
import { renderInPage } from "@/test/render";
import { Differences } from "./Differences";
import { downloadAudit } from "./download";
import { auditSearch, filterOf } from "./filter";
import { actionText, differencesOf, fieldText } from "./words";

beforeEach(() => changeLanguage("pt-BR"));

describe("the filters of the trail", () => {
  it("are read from the address, and what is not understood is dropped", () => {
    expect(auditSearch({ client: "cli_0123", action: "access_key.", from: "2026-11-01", to: "2026-11-24" })).toEqual({
      client: "cli_0123",
      action: "access_key.",
      from: "2026-11-01",
      to: "2026-11-24",
    });
    expect(auditSearch({ client: "39053344705", operator: "cli_1", key: "key_'", action: "%", from: "hoje" })).toEqual(
      {},
    );
  });

  it("have both days in them", () => {
    const { since, until } = filterOf({ from: "2026-11-24", to: "2026-11-24" });
    expect(Date.parse(until ?? "") - Date.parse(since ?? "")).toBe(86_400_000);
    expect(filterOf({})).toEqual({});
  });
});

describe("an event", () => {
  const changes = (...list: [string, string | null, string | null][]) =>
    list.map(([field, old, next]) => ({ field, old, new: next }));

  it("has a sentence for every action that the program writes", () => {
    const sources = readdirSync("../internal", { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".go") && !path.endsWith("_test.go"))
      .map((path) => readFileSync(`../internal/${path}`, "utf8"));
    const written = sources.flatMap((source) =>
      [...source.matchAll(/Action: +"([a-z_]+\.[a-z_]+)"/g)].map((m) => m[1] ?? ""),
    );
    expect(written.length).toBeGreaterThan(25);
    expect(written.filter((action) => actionText(i18n.t, action) === action)).toEqual([]);
  });

  it("calls a field by the word of the page, or by that of the provider whose setting it is", () => {
    expect(["document", "checkUrl", "moon"].map((field) => fieldText(i18n.t, field))).toEqual([
      "Documento",
      "Endereço do teste",
      "moon",
    ]);
  });

  it("shows an action that the page does not know by its name", () => {
    expect(actionText(i18n.t, "client.create")).toBe("Cliente cadastrado");
    expect(actionText(i18n.t, "moon.land")).toBe("moon.land");
  });

  it("tells what was and what became, of an object only what differs", () => {
    const told = differencesOf(
      i18n.t,
      changes(
        ["name", "Loja Velha", "Loja Nova"],
        ["tradeName", "", "Loja"],
        ["settings", '{"username":"a","url":"u"}', '{"username":"b","url":"u"}'],
        ["capabilities", null, '["MARKETPLACES","ACCESS_KEYS"]'],
        ["marketplaces", "2", null],
        ["password", null, null],
        ["tradeName", null, ""],
      ),
      "pt-BR",
    );
    expect(told.map(({ field, from, to, hidden }) => `${field}: ${from} → ${to}${hidden ? " hidden" : ""}`)).toEqual([
      "name: Loja Velha → Loja Nova",
      "tradeName: null → Loja",
      "settings.username: a → b",
      "capabilities: null → Marketplace, Chaves de acesso",
      "marketplaces: 2 → null",
      "password: null → null hidden",
    ]);
  });

  it("is told in the words of the other pages, and a value without a word as it is", () => {
    const told = differencesOf(
      i18n.t,
      changes(
        ["state", "CONNECTED", "NEEDS_ATTENTION"],
        ["reason", "CHECK_PASSED", "PASSWORD_REFUSED"],
        ["provider", null, "SHOWKASE"],
        ["document", null, "12ABC34501DE35"],
        ["methods", null, "pwd otp"],
        ["role", "VIEWER", "ADMIN"],
        ["purpose", null, "RESET"],
        ["name", null, "CONNECTED"],
        ["state", null, "MOON"],
        ["expiresAt", null, null],
      ),
      "pt-BR",
    );
    expect(told.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      "Conectado → Precisa de atenção",
      "Verificação aceita → Usuário e senha recusados",
      "null → ShowKase",
      "null → 12.ABC.345/01DE-35",
      "null → Senha + Código",
      "Somente leitura → Administrador",
      "null → Senha nova",
      "null → CONNECTED",
      "null → MOON",
    ]);
    const unknown = (field: string, values: object) =>
      Object.values(values).filter((value) => !i18n.exists(`audit.value.${field}.${value}`));
    expect(unknown("reason", MarketplaceHealthReason)).toEqual([]);
  });

  it("shows a text that looks like JSON, and what is no JSON, as text", () => {
    renderInPage(<Differences changes={changes(["name", "{not json", "<b>[x</b>"])} />);
    expect(screen.getByRole("listitem")).toHaveTextContent("Nome {not json → <b>[x</b>");
  });

  it("tells a digest of reads by its days, and leaves out its hashes", () => {
    const told = differencesOf(
      i18n.t,
      [
        { field: "cause", old: null, new: "DAY_OVER" },
        { field: "firstDay", old: null, new: "2026-11-27" },
        { field: "sums", old: null, new: '{"2026-11-27":"ab"}' },
      ],
      "pt-BR",
    );
    expect(told.map(({ field, to }) => [fieldText(i18n.t, field), to])).toEqual([
      ["Por quê", "O dia terminou"],
      ["Do dia", "27/11/2026"],
    ]);
  });

  it("says of a secret only that it was changed", () => {
    renderInPage(<Differences changes={changes(["password", null, null])} />);
    expect(screen.getByRole("listitem")).toHaveTextContent("Senha alterado (o valor não é mostrado)");
  });
});

describe("the export", () => {
  it("sends the token in a header and the filters in the address", async () => {
    logIn("ADMIN");
    const fetched = vi.fn(async () => new Response("at\n"));
    vi.stubGlobal("fetch", fetched);
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    await downloadAudit("csv", { clientId: "cli_1", action: "client." });
    expect(fetched).toHaveBeenCalledWith(`${window.location.origin}/export/audit.csv?clientId=cli_1&action=client.`, {
      credentials: "same-origin",
      headers: expect.objectContaining({ Authorization: "Bearer token" }),
    });
  });

  it("fails with what the server said", async () => {
    logIn("ADMIN");
    vi.stubGlobal(
      "fetch",
      async () => new Response('{"errors":[{"message":"x","extensions":{"code":"FORBIDDEN"}}]}', { status: 403 }),
    );
    await expect(downloadAudit("jsonl", {})).rejects.toEqual(new ApiError("FORBIDDEN", "x"));
  });
});
