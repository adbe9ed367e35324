// Proves: 2.9
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AccountChanges } from "./AccountChanges";

const change = {
  id: "aud_1",
  at: "2026-11-27T12:00:00Z",
  by: "Vera",
  address: "203.0.113.9",
  action: "account.update",
  fields: [{ field: "email", old: "vera@example.com", new: "other@example.com" }],
};

function show(changes: object[]) {
  logIn("VIEWER");
  stubApi({ AccountChanges: () => ({ account: { changes } }) });
  renderInRouter(
    <main>
      <AccountChanges />
    </main>,
  );
}

beforeEach(() => changeLanguage("pt-BR"));

describe("what changed of the account since the log-in before", () => {
  it("is told with when, by whom and from where, until it is put away", async () => {
    show([change, { ...change, id: "aud_2", action: "account.password_changed", fields: [] }]);
    const note = await screen.findByRole("note");
    const [update, password] = within(note).getAllByText(/Conta alterada|Senha alterada/);
    expect(update?.parentElement).toHaveTextContent("por Vera, de 203.0.113.9");
    expect(note).toHaveTextContent("other@example.com");
    expect(password).toBeVisible();
    expect(screen.getByRole("link", { name: "Ver minha conta" })).toHaveAttribute("href", "/conta");
    await userEvent.click(screen.getByRole("button", { name: "Dispensar o aviso" }));
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
  });

  it("is nothing when nothing changed", async () => {
    show([]);
    await screen.findByRole("main");
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
  });
});
