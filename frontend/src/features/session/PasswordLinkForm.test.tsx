import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { passwordLinkSecret } from "./linkSecret";
import { PasswordLinkForm } from "./PasswordLinkForm";

const whose = { purpose: "INVITATION", name: "Vera", email: "vera@example.com", minLength: 15 };
const nobody = { accessToken: null, expiresAt: null, operator: null, secondFactor: null };
const refusal = (code: string, field: string, message: string) => ({
  setPassword: { ...nobody, userErrors: [{ code, field: [field], message, relatedId: null }] },
});
const long = "uma frase bem comprida";

async function open(answers: Parameters<typeof stubApi>[0]) {
  await changeLanguage("pt-BR");
  window.history.replaceState(null, "", "/senha#link=segredo");
  passwordLinkSecret.take();
  const api = stubApi(answers);
  const onDone = vi.fn();
  renderInRouter(<PasswordLinkForm onDone={onDone} onAgain={vi.fn()} />);
  return { api, onDone, user: userEvent.setup() };
}

beforeEach(() => localStorage.clear());

describe("the page of a link for the password", () => {
  it("says for whom it is, and how long the password must be before it is sent", async () => {
    const { api, user } = await open({ PasswordLink: () => ({ passwordLink: whose }) });
    expect(await screen.findByText(/Olá, Vera/)).toBeVisible();
    expect(screen.getByLabelText(/^E-mail/)).toHaveValue("vera@example.com");
    const password = screen.getByLabelText(/^Nova senha/);
    expect(password).toHaveAttribute("autocomplete", "new-password");
    await user.type(password, "curta demais");
    await user.click(screen.getByRole("button", { name: "Definir senha e entrar" }));
    expect(screen.getByText("Use no mínimo 15 caracteres.")).toBeVisible();
    expect(api.of("PasswordLink")).toEqual([{ link: "segredo" }]);
    expect(api.of("SetPassword")).toEqual([]);
  });

  it("shows at the field what the server says of the password", async () => {
    const { user } = await open({
      PasswordLink: () => ({ passwordLink: whose }),
      SetPassword: () => refusal("PASSWORD_COMMON", "password", "Esta senha é das primeiras a serem tentadas."),
    });
    await user.type(await screen.findByLabelText(/^Nova senha/), long);
    await user.click(screen.getByRole("button", { name: "Definir senha e entrar" }));
    await waitFor(() =>
      expect(screen.getByLabelText(/^Nova senha/)).toHaveAccessibleDescription(/das primeiras a serem tentadas/),
    );
  });

  it("goes on with the second factor where there is one", async () => {
    const { user, onDone } = await open({
      PasswordLink: () => ({ passwordLink: { ...whose, purpose: "RESET" } }),
      SetPassword: () => ({
        setPassword: {
          ...nobody,
          secondFactor: { ticket: "tkt", methods: ["TOTP"], passkeyOptions: null },
          userErrors: [],
        },
      }),
    });
    await user.type(await screen.findByLabelText(/^Nova senha/), long);
    await user.click(screen.getByRole("button", { name: "Definir senha e entrar" }));
    expect(await screen.findByLabelText(/^Código de 6/)).toBeVisible();
    expect(onDone).not.toHaveBeenCalled();
  });

  it.each<{ when: string; answers: Parameters<typeof stubApi>[0]; sends: boolean }>([
    { when: "is not known", answers: { PasswordLink: () => ({ passwordLink: null }) }, sends: false },
    {
      when: "ends meanwhile",
      answers: {
        PasswordLink: () => ({ passwordLink: whose }),
        SetPassword: () => refusal("LINK_INVALID", "link", "O link não funciona mais."),
      },
      sends: true,
    },
    {
      when: "has set a password already, by the same request sent twice",
      answers: {
        PasswordLink: () => ({ passwordLink: whose }),
        SetPassword: () => refusal("LINK_USED", "link", "O link já definiu uma senha."),
      },
      sends: true,
    },
  ])("says what to do when the link $when", async ({ answers, sends }) => {
    const { user } = await open(answers);
    if (sends) {
      await user.type(await screen.findByLabelText(/^Nova senha/), long);
      await user.click(screen.getByRole("button", { name: "Definir senha e entrar" }));
    }
    expect(await screen.findByText("Este link não funciona")).toBeVisible();
    expect(screen.getByText(/Se você já definiu uma senha com ele, entre com ela/)).toBeVisible();
    expect(screen.queryByLabelText(/^Nova senha/)).not.toBeInTheDocument();
  });
});
