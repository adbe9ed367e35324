import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { FormDialog } from "@/components/form";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { ServiceTokenForm } from "./ServiceTokenForm";

async function open() {
  logIn("ADMIN");
  const api = stubApi({
    CreateServiceToken: () => ({ createServiceToken: { serviceToken: null, token: null, userErrors: [] } }),
  });
  renderInRouter(
    <FormDialog opened onClose={() => undefined} title="Novo token de serviço">
      <ServiceTokenForm onIssued={() => undefined} />
    </FormDialog>,
  );
  const form = within(await screen.findByRole("dialog", { name: "Novo token de serviço" }));
  const user = userEvent.setup();
  await user.type(form.getByLabelText(/Nome do token/), "Script");
  const sent = async () => {
    await user.click(form.getByRole("button", { name: "Criar token" }));
    await waitFor(() => expect(api.of("CreateServiceToken")).toHaveLength(1));
    return (api.of("CreateServiceToken")[0] as { input: Record<string, unknown> }).input;
  };
  return { user, form, sent };
}

beforeEach(() => changeLanguage("pt-BR"));

describe("a new service token", () => {
  it("only reads when its role does", async () => {
    const { form, sent } = await open();
    expect(form.queryByRole("checkbox", { name: "Gerar chaves" })).toBeNull();
    expect(await sent()).toMatchObject({ role: "VIEWER", scopes: [], addresses: [] });
  });

  it("makes keys only when that is asked for", async () => {
    const { user, form, sent } = await open();
    await user.click(form.getByRole("radio", { name: "Operador" }));
    expect(form.getByRole("checkbox", { name: "Alterar" })).toBeChecked();
    const makesKeys = form.getByRole("checkbox", { name: "Gerar chaves" });
    expect(makesKeys).not.toBeChecked();
    await user.click(makesKeys);
    await user.click(form.getByText("Limitar de onde o token é aceito (opcional)"));
    await user.type(form.getByLabelText("Endereços permitidos"), "203.0.113.7");
    expect(await sent()).toMatchObject({ role: "OPERATOR", scopes: ["WRITE", "KEYS"], addresses: ["203.0.113.7"] });
  });
});
