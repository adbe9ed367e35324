import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { FormDialog } from "@/components/form";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import type { Setting } from "./api";
import { ProviderSettingsForm } from "./ProviderSettingsForm";

const setting = (name: string, change: Partial<Setting> = {}): Setting => ({
  name,
  kind: "TEXT",
  value: null,
  default: null,
  choices: [],
  required: false,
  source: "DEFAULT",
  environmentVariable: `CHAVEIRO_NUVEMSHOP_${name.toUpperCase()}`,
  secret: null,
  ...change,
});

const settings = [
  setting("appId", { required: true }),
  setting("appSecret", {
    kind: "SECRET",
    source: "STORED",
    secret: { setAt: "2026-11-24T12:00:00Z", setBy: "Marina", expiresAt: null, fingerprint: "ab12cd34" },
  }),
  setting("apiVersion", { default: "2025-03", value: "2025-03" }),
  setting("header", { kind: "CHOICE", choices: ["AUTHENTICATION", "AUTHORIZATION"], default: "AUTHENTICATION" }),
  setting("url", {
    kind: "URL",
    choices: ["https://www.nuvemshop.com.br", "https://www.tiendanube.com"],
    default: "https://www.nuvemshop.com.br",
  }),
  setting("apiUrl", { kind: "URL", value: "https://own.example" }),
  setting("contact", { source: "ENVIRONMENT", value: "ti@casa.example" }),
];

async function open(userErrors: object[] = []) {
  await changeLanguage("pt-BR");
  logIn("ADMIN");
  const api = stubApi({
    UpdateProviderSettings: () => ({
      updateProviderSettings: { provider: null, userErrors },
    }),
  });
  const onDone = vi.fn();
  renderInRouter(
    <FormDialog opened onClose={() => undefined} title="Editar">
      <ProviderSettingsForm provider="NUVEMSHOP" settings={settings} onDone={onDone} />
    </FormDialog>,
  );
  await screen.findByRole("button", { name: "Salvar" });
  return { api, onDone, user: userEvent.setup() };
}

const field = (name: RegExp) => screen.getByLabelText(name, { selector: "input" });
const save = () => screen.getByRole("button", { name: "Salvar" });

describe("the form of a provider's settings", () => {
  it("sends what changed and nothing else", async () => {
    const { api, onDone, user } = await open();
    await user.type(field(/^Número do aplicativo/), "1234");
    await user.selectOptions(screen.getByRole("combobox", { name: "Cabeçalho do token" }), "AUTHORIZATION");
    await user.click(save());
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(api.of("UpdateProviderSettings")).toEqual([
      {
        input: {
          provider: "NUVEMSHOP",
          settings: [
            { name: "appId", value: "1234" },
            { name: "header", value: "AUTHORIZATION" },
          ],
        },
      },
    ]);
  });

  it("shows a mistake at the setting that it is about", async () => {
    const wrong = {
      code: "INVALID_CHARACTERS",
      field: ["settings", "1", "value"],
      message: "Não serve.",
      relatedId: null,
    };
    const { user } = await open([wrong]);
    await user.type(field(/^Número do aplicativo/), "1234");
    await user.type(field(/^Versão da API/), "x");
    await user.click(save());
    await screen.findByText("Não serve.");
    expect(field(/^Versão da API/)).toHaveAccessibleDescription(/Não serve\./);
    expect(field(/^Versão da API/)).toHaveFocus();
  });

  it("shows what the environment sets, and lets nobody change it", async () => {
    await open();
    expect(field(/^Contato da empresa/)).toHaveValue("ti@casa.example");
    expect(field(/^Contato da empresa/)).toHaveAttribute("readonly");
    expect(field(/^Contato da empresa/)).toHaveAccessibleDescription(/CHAVEIRO_NUVEMSHOP_CONTACT/);
  });

  it("lets one choose among the vendor's own addresses, and no other", async () => {
    const { api, onDone, user } = await open();
    expect(screen.getByDisplayValue("https://own.example")).toHaveAttribute("readonly");
    expect(screen.getByDisplayValue("https://own.example")).toHaveAccessibleDescription(/CHAVEIRO_NUVEMSHOP_APIURL/);
    const option = screen.getByRole("option", { name: "https://www.tiendanube.com" });
    await user.selectOptions(option.closest("select") as HTMLSelectElement, "https://www.tiendanube.com");
    await user.click(save());
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(api.of("UpdateProviderSettings")).toMatchObject([
      { input: { settings: [{ name: "url", value: "https://www.tiendanube.com" }] } },
    ]);
  });

  it("takes a stored secret away, and does not show it", async () => {
    const { api, onDone, user } = await open();
    expect(field(/^Chave secreta/)).toHaveValue("");
    await user.click(screen.getByRole("checkbox", { name: /^Remover o valor guardado: Chave secreta/ }));
    expect(field(/^Chave secreta/)).toBeDisabled();
    await user.click(save());
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(api.of("UpdateProviderSettings")).toMatchObject([
      { input: { settings: [{ name: "appSecret", value: "" }] } },
    ]);
  });

  it("shows a default without filling it in", async () => {
    await open();
    expect(field(/^Versão da API/)).toHaveValue("");
    expect(field(/^Versão da API/)).toHaveAttribute("placeholder", "2025-03");
    expect(screen.getByRole("option", { name: "Padrão: Authentication" })).toBeInTheDocument();
  });
});
