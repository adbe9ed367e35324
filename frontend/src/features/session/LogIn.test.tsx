import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { refused, stubApi } from "@/test/api";
import { renderInPage } from "@/test/render";
import { LogIn } from "./LogIn";

const nobody = { accessToken: null, expiresAt: null, operator: null, userErrors: [] };
const somebody = {
  accessToken: "token",
  expiresAt: new Date(Date.now() + 300_000).toISOString(),
  operator: { id: "opr_1", name: "Marina", email: "marina@example.com", role: "OPERATOR" },
  userErrors: [],
};
const asked = {
  login: {
    ...nobody,
    secondFactor: { ticket: "tkt", methods: ["TOTP", "RECOVERY_CODE"], passkeyOptions: null, passkeysMadeAt: null },
  },
};
const wrong = (code: string, field: string[], message: string) => ({
  completeLogin: { ...nobody, userErrors: [{ code, field, message, relatedId: null }] },
});

async function open(answers: Parameters<typeof stubApi>[0]) {
  const api = stubApi(answers);
  const onDone = vi.fn();
  renderInPage(<LogIn onDone={onDone} />);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(/^E-mail/), "marina@example.com");
  await user.type(screen.getByLabelText(/^Senha/), "uma frase bem comprida");
  await user.click(screen.getByRole("button", { name: "Entrar" }));
  return { api, user, onDone };
}

beforeEach(() => changeLanguage("pt-BR"));
afterEach(() => vi.useRealTimers());

describe("a forgotten password", () => {
  it("has somebody to ask", async () => {
    stubApi({});
    renderInPage(<LogIn onDone={vi.fn()} />);
    await userEvent.click(screen.getByText("Esqueci a senha"));
    expect(screen.getByText(/Peça a um administrador deste portal/)).toBeVisible();
    expect(screen.getByText(/chaveiro admin create/)).toBeVisible();
  });
});

describe("a log-in with a second factor", () => {
  it("asks for the code of the app, says what is wrong at its field, and ends with the right one", async () => {
    const { api, user, onDone } = await open({
      Login: () => asked,
      CompleteLogin: ({ input }) =>
        (input as { proof: { code: string } }).proof.code === "123456"
          ? { completeLogin: somebody }
          : wrong("SECOND_FACTOR_INVALID", ["code"], "O código não confere."),
    });
    const code = await screen.findByLabelText(/^Código de 6/);
    expect(code).toHaveAttribute("autocomplete", "one-time-code");
    await user.type(code, "000 000");
    await user.click(screen.getByRole("button", { name: "Entrar" }));
    await waitFor(() => expect(code).toHaveAccessibleDescription("O código não confere."));
    expect(onDone).not.toHaveBeenCalled();
    await user.clear(code);
    await user.type(code, "123456");
    await user.click(screen.getByRole("button", { name: "Entrar" }));
    await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    expect(api.of("CompleteLogin")).toEqual([
      { input: { ticket: "tkt", proof: { code: "000000" } } },
      { input: { ticket: "tkt", proof: { code: "123456" } } },
    ]);
  });

  it("says that passkeys of another address of the portal do not work here, and what to do", async () => {
    const secondFactor = {
      ticket: "tkt",
      methods: ["RECOVERY_CODE"],
      passkeyOptions: null,
      passkeysMadeAt: "https://old.example",
    };
    await open({ Login: () => ({ login: { ...nobody, secondFactor } }) });
    expect(await screen.findByRole("alert")).toHaveTextContent(/https:\/\/old\.example e não funcionam/);
    expect(screen.getByLabelText(/^Código de rec/)).toBeVisible();
  });

  it("asks for nothing when no way is left", async () => {
    await open({
      Login: () => ({
        login: {
          ...nobody,
          secondFactor: { ticket: "tkt", methods: [], passkeyOptions: null, passkeysMadeAt: "https://old.example" },
        },
      }),
    });
    expect(await screen.findByRole("alert")).toHaveTextContent(/Peça a um administrador/);
    expect(screen.queryByLabelText(/^Código/)).not.toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Começar de novo" })).toBeVisible();
  });

  it("takes a recovery code instead", async () => {
    const { api, user } = await open({ Login: () => asked, CompleteLogin: () => ({ completeLogin: somebody }) });
    await user.click(await screen.findByRole("button", { name: "Usar um código de recuperação" }));
    await user.type(screen.getByLabelText(/^Código de rec/), "abcd-efgh");
    await user.click(screen.getByRole("button", { name: "Entrar" }));
    await waitFor(() =>
      expect(api.of("CompleteLogin")).toEqual([{ input: { ticket: "tkt", proof: { recoveryCode: "abcd-efgh" } } }]),
    );
  });

  it("begins again, and says why, when the ticket has ended", async () => {
    const { user } = await open({
      Login: () => asked,
      CompleteLogin: () => wrong("TICKET_INVALID", ["ticket"], "O prazo acabou. Entre de novo."),
    });
    await user.type(await screen.findByLabelText(/^Código de 6/), "123456");
    await user.click(screen.getByRole("button", { name: "Entrar" }));
    expect(await screen.findByText("O prazo acabou. Entre de novo.")).toBeVisible();
    expect(screen.getByLabelText(/^E-mail/)).toHaveValue("marina@example.com");
    expect(screen.getByLabelText(/^Senha/)).toHaveValue("");
  });
});

describe("too many tries", () => {
  it("count down, and the button works again at the end", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await open({ Login: () => refused("THROTTLED", { retryAfter: 65 }) });
    expect(await screen.findAllByText("Tente de novo em 1 minuto e 5 segundos.")).not.toHaveLength(0);
    expect(screen.getByRole("button", { name: "Entrar" })).toBeDisabled();
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    // Seen to count down; what a screen reader hears stays the same.
    expect(screen.getByText("Tente de novo em 45 segundos.")).toHaveAttribute("aria-hidden", "true");
    expect(screen.getByText("Tente de novo em 1 minuto e 5 segundos.")).not.toHaveAttribute("aria-hidden");
    await act(() => vi.advanceTimersByTimeAsync(45_000));
    expect(screen.getByText("Já pode tentar de novo.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Entrar" })).toBeEnabled();
  });
});
