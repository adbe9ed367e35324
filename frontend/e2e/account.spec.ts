// Proves: 2.7, 2.8, 2.9
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, listen, password, test } from "./portal";

test.use({ host: "localhost" });

/** The code that an app shows (RFC 6238) so many seconds from now. */
function codeOf(seed: string, aheadSeconds = 0): string {
  const bits = [...seed].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const key = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + aheadSeconds) / 30)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Gives the page a device that keeps passkeys and always says yes. */
async function giveAuthenticator(page: Page) {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Pictures of the page, wide and narrow, for whoever asks for them with SHOTS=1. */
async function shots(page: Page, name: string) {
  if (!process.env.SHOTS) return;
  const before = page.viewportSize();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({
      path: test.info().outputPath(`${name}-${width}.png`),
      fullPage: true,
      animations: "disabled",
    });
  }
  if (before) await page.setViewportSize(before);
}

const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

/** An open page hears that its session is over when the portal asks its stream again for its right, every 15 seconds. */
const askedAgain = 45_000;

async function typePassword(page: Page, email: string, typed = password) {
  await page.getByLabel("E-mail").fill(email);
  await field(page, "Senha").fill(typed);
  await page.getByRole("button", { name: "Entrar", exact: true }).click();
}

const isIn = (page: Page) => expect(page.getByRole("link", { name: "Clientes", exact: true })).toBeVisible();

async function logOut(page: Page) {
  await page.getByRole("button", { name: "Sair" }).click();
  await expect(page).toHaveURL(/\/login/);
}

const stepUp = (page: Page) => page.getByRole("dialog", { name: "Confirme que é você" });

/** Types the password that the portal asks for before a change of what one logs in with. */
async function provePresence(page: Page) {
  const dialog = stepUp(page);
  await dialog.getByRole("textbox", { name: "Senha", exact: true }).fill(password);
  await dialog.getByRole("button", { name: "Confirmar", exact: true }).click();
  await expect(dialog).toBeHidden();
}

async function useRecoveryCode(page: Page, code = "") {
  await page.getByRole("button", { name: "Usar um código de recuperação" }).click();
  await page.getByLabel("Código de recuperação").fill(code);
  await page.getByRole("button", { name: "Entrar", exact: true }).click();
}

test("an operator is invited, protects the account, and logs in with each of its factors", async ({
  page: ana,
  portal,
  browser,
  complaints,
}) => {
  test.slow();
  portal.createOperator("ana@example.com", "admin");
  const context = await browser.newContext({ locale: "pt-BR", reducedMotion: "reduce" });
  const vera = await context.newPage();
  await listen(vera, complaints);
  let link = "";
  let seed = "";
  let recoveryCodes: string[] = [];

  await test.step("an administrator without a second factor is advised to set one up", async () => {
    await ana.goto(portal.url);
    await expect(ana.getByRole("button", { name: "Entrar com passkey" })).toBeVisible();
    await expectAccessible(ana);
    await shots(ana, "01-login");
    await typePassword(ana, "ana@example.com");
    await expect(ana.getByText("Proteja sua conta de administrador")).toBeVisible();
    await expectAccessible(ana);
    await shots(ana, "02-advice");
    await ana.getByRole("button", { name: "Dispensar o aviso" }).click();
    await expect(ana.getByText("Proteja sua conta de administrador")).toBeHidden();
  });

  await test.step("an invitation gives a link, once", async () => {
    await ana.getByRole("link", { name: "Operadores" }).click();
    await expect(ana.getByRole("heading", { level: 1, name: "Operadores" })).toBeVisible();
    await ana.getByRole("button", { name: "Convidar" }).click();
    const form = ana.getByRole("dialog");
    await form.getByLabel("Nome completo").fill("Vera Lima");
    await form.getByLabel("E-mail").fill("vera@example.com");
    await form.getByRole("radio", { name: "Somente leitura" }).check();
    await expectAccessible(ana);
    await shots(ana, "03-invite");
    await form.getByRole("button", { name: "Convidar" }).click();
    const told = ana.getByRole("region", { name: "Link para definir a senha" });
    link = (await told.textContent()) ?? "";
    expect(link).toContain("/senha#link=");
    await expectAccessible(ana);
    await shots(ana, "04-link");
    await ana.getByRole("button", { name: "Já copiei o link" }).click();
    await ana.getByRole("button", { name: "Fechar mesmo assim" }).click();
    await expect(told).toBeHidden();
    await expect(ana.getByRole("row", { name: /Vera Lima/ })).toContainText("Convidado");
  });

  await test.step("the link sets the password and logs in; used, it is dead", async () => {
    await vera.goto(link);
    await expect(vera.getByText(/Olá, Vera Lima/)).toBeVisible();
    await expect(vera).not.toHaveURL(/link=/);
    await expectAccessible(vera);
    await shots(vera, "05-password");
    await field(vera, "Nova senha").fill(password);
    await vera.getByRole("button", { name: "Definir senha e entrar" }).click();
    await isIn(vera);
    const other = await context.newPage();
    await listen(other, complaints);
    await other.goto(link);
    await expect(other.getByText("Este link não funciona")).toBeVisible();
    await shots(other, "06-dead-link");
    await other.close();
  });

  await test.step("a viewer has no way to the operators, and is told so at their address", async () => {
    await expect(vera.getByRole("link", { name: "Operadores" })).toHaveCount(0);
    await vera.goto(`${portal.url}/operadores`);
    await expect(vera.getByText(/Esta página é dos administradores/)).toBeVisible();
    await expect(vera.getByRole("button", { name: "Convidar" })).toHaveCount(0);
  });

  await test.step("an app is set up, and the recovery codes are told once", async () => {
    await vera.getByRole("link", { name: /Minha conta/ }).click();
    await expect(vera.getByRole("heading", { level: 1, name: "Minha conta" })).toBeVisible();
    await shots(vera, "07-account");
    await vera.getByRole("button", { name: "Configurar aplicativo" }).click();
    await expectAccessible(vera);
    await shots(vera, "07b-presence");
    await provePresence(vera);
    seed = ((await vera.getByRole("region", { name: "Chave do aplicativo" }).textContent()) ?? "").replace(/\s/g, "");
    await expect(vera.getByRole("img", { name: /Código QR/ })).toBeVisible();
    await expectAccessible(vera);
    await shots(vera, "08-app");
    const code = vera.getByLabel("Código que o aplicativo mostra");
    await code.fill("000000");
    await vera.getByRole("button", { name: "Ligar aplicativo" }).click();
    await expect(code).toHaveAttribute("aria-invalid", "true");
    await code.fill(codeOf(seed));
    await vera.getByRole("button", { name: "Ligar aplicativo" }).click();
    const codes = vera.getByRole("region", { name: "Códigos de recuperação" }).getByRole("listitem");
    await expect(codes).toHaveCount(10);
    recoveryCodes = await codes.allTextContents();
    await expectAccessible(vera);
    await shots(vera, "09-recovery-codes");
    await vera.getByRole("button", { name: "Já guardei os códigos" }).click();
    await vera.getByRole("button", { name: "Fechar mesmo assim" }).click();
    await expect(vera.getByText(/Restam 10 códigos/)).toBeVisible();
  });

  await test.step("a passkey is added", async () => {
    await giveAuthenticator(vera);
    await vera.getByRole("button", { name: "Adicionar passkey" }).click();
    await vera.getByLabel("Nome da passkey").fill("Notebook");
    await vera.getByRole("button", { name: "Criar passkey" }).click();
    await provePresence(vera);
    await expect(vera.getByRole("button", { name: "Remover a passkey Notebook" })).toBeVisible();
    await expectAccessible(vera);
    await shots(vera, "10-protected");
  });

  await test.step("logs in with the password and a code", async () => {
    await logOut(vera);
    await typePassword(vera, "vera@example.com");
    const code = vera.getByLabel("Código de 6 dígitos");
    await expect(code).toBeVisible();
    await expectAccessible(vera);
    await shots(vera, "11-code");
    await code.fill(codeOf(seed, 30)); // each code works once, and the present one set the app up
    await vera.getByRole("button", { name: "Entrar", exact: true }).click();
    await isIn(vera);
    const told = vera.getByRole("note").filter({ hasText: "Sua conta mudou" });
    await expect(told.getByText("Passkey registrada")).toBeVisible();
    await expectAccessible(vera);
    await shots(vera, "11b-changes");
    await told.getByRole("button", { name: "Dispensar o aviso" }).click();
    await expect(told).toBeHidden();
  });

  await test.step("logs in with the password and a recovery code", async () => {
    await logOut(vera);
    await typePassword(vera, "vera@example.com");
    await useRecoveryCode(vera, recoveryCodes[0]);
    await isIn(vera);
  });

  await test.step("a recovery code works once; a passkey is a second factor too", async () => {
    await logOut(vera);
    await typePassword(vera, "vera@example.com");
    await useRecoveryCode(vera, recoveryCodes[0]);
    await expect(vera.getByLabel("Código de recuperação")).toHaveAttribute("aria-invalid", "true");
    await vera.getByRole("button", { name: "Usar passkey" }).click();
    await expect(vera.getByText("Confirme com a passkey que você registrou.")).toBeVisible();
    await vera.getByRole("button", { name: "Confirmar com passkey" }).click();
    await isIn(vera);
  });

  await test.step("logs in with a passkey alone", async () => {
    await logOut(vera);
    await vera.getByRole("button", { name: "Entrar com passkey" }).click();
    await isIn(vera);
  });

  await test.step("what matters most asks again who it is, and then goes on with the form", async () => {
    await vera.goto(`${portal.url}/conta`);
    portal.ageLogIns();
    await vera.reload();
    await vera.getByRole("button", { name: "Editar meus dados" }).click();
    await vera.getByRole("dialog").getByLabel("Nome completo").fill("Vera Lima Reis");
    await vera.getByRole("button", { name: "Salvar" }).click();
    const dialog = stepUp(vera);
    const code = vera.getByLabel("Código de 6 dígitos");
    await expect(code).toBeFocused();
    await expect(field(vera, "Senha")).toHaveCount(0); // with a second factor the password alone renews nothing
    await expectAccessible(vera);
    await shots(vera, "12-step-up");
    await vera.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(vera.getByRole("dialog").getByLabel("Nome completo")).toHaveValue("Vera Lima Reis");

    await vera.getByRole("button", { name: "Salvar" }).click();
    await code.fill("000000");
    await dialog.getByRole("button", { name: "Confirmar", exact: true }).click();
    await expect(code).toHaveAttribute("aria-invalid", "true");
    await dialog.getByRole("button", { name: "Confirmar com passkey" }).click();
    await expect(vera.getByRole("dialog")).toHaveCount(0);
    await expect(vera.getByRole("link", { name: "Minha conta: Vera Lima Reis" })).toBeVisible();
  });

  await test.step("new recovery codes take the place of the old ones", async () => {
    await expect(vera.getByText(/Restam 9 códigos/)).toBeVisible();
    await vera.getByRole("button", { name: "Gerar novos códigos" }).click();
    await expect(vera.getByText("Os códigos que você guardou deixam de valer.")).toBeVisible();
    await vera.getByRole("dialog").getByRole("button", { name: "Gerar novos códigos" }).click();
    await provePresence(vera);
    const codes = vera.getByRole("region", { name: "Códigos de recuperação" }).getByRole("listitem");
    await expect(codes).toHaveCount(10);
    const fresh = await codes.allTextContents();
    expect(fresh.filter((code) => recoveryCodes.includes(code))).toEqual([]);
    const [file] = await Promise.all([
      vera.waitForEvent("download"),
      vera.getByRole("button", { name: "Baixar" }).click(),
    ]);
    const kept = readFileSync(await file.path(), "utf8");
    for (const code of fresh) expect(kept).toContain(code);
    await vera.getByRole("button", { name: "Já guardei os códigos" }).click(); // kept: it asks nothing
    await expect(vera.getByText(/Restam 10 códigos/)).toBeVisible();
  });

  await test.step("the app and the passkey are removed, and the password alone logs in", async () => {
    await vera.getByRole("button", { name: "Desligar aplicativo" }).click();
    await expect(vera.getByText(/A entrada deixa de pedir o código do aplicativo/)).toBeVisible();
    await vera.getByRole("dialog").getByRole("button", { name: "Desligar aplicativo" }).click();
    await provePresence(vera);
    await expect(vera.getByRole("button", { name: "Configurar aplicativo" })).toBeVisible();
    await expect(vera.getByText(/Restam 10 códigos/)).toBeVisible(); // they still stand in for the passkey
    await vera.getByRole("button", { name: "Remover a passkey Notebook" }).click();
    await expect(vera.getByText(/Apague-a também no aparelho/)).toBeVisible();
    await vera.getByRole("dialog").getByRole("button", { name: "Remover", exact: true }).click();
    await provePresence(vera);
    await expect(vera.getByRole("button", { name: "Remover a passkey Notebook" })).toHaveCount(0);
    await expect(vera.getByText(/Restam/)).toHaveCount(0);
    await logOut(vera);
    await typePassword(vera, "vera@example.com");
    await isIn(vera);
  });

  await context.close();
});

test("the sessions are listed, and another is ended by hand and by a new password", async ({
  page,
  portal,
  browser,
}) => {
  test.slow();
  portal.createOperator("vera@example.com", "viewer");
  const context = await browser.newContext({ locale: "pt-BR", reducedMotion: "reduce" });
  const elsewhere = await context.newPage(); // its browser complains when the session is refused, as it must be
  await elsewhere.goto(portal.url);
  await typePassword(elsewhere, "vera@example.com");
  await isIn(elsewhere);

  await page.goto(portal.url);
  await typePassword(page, "vera@example.com");
  await page.getByRole("link", { name: /Minha conta/ }).click();
  const sessions = page.getByRole("region", { name: "Sessões" });
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByRole("listitem").first()).toContainText("Esta sessão");
  await shots(page, "13-sessions");
  await sessions.getByRole("button", { name: /^Encerrar a sessão de/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Encerrar" }).click();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/login/);

  await typePassword(elsewhere, "vera@example.com");
  await isIn(elsewhere);
  await page.getByRole("button", { name: "Trocar a senha" }).click();
  const form = page.getByRole("dialog");
  const change = async (typed: string) => {
    await field(page, "Nova senha").fill(typed);
    await form.getByRole("button", { name: "Trocar a senha" }).click();
  };
  await change("curta demais");
  await expect(form.getByText("Use no mínimo 15 caracteres.")).toBeVisible();
  await change("passwordpassword");
  await expect(form.getByText("Esta senha está entre as mais usadas: escolha outra.")).toBeVisible();
  await expect(field(page, "Nova senha")).toBeFocused();
  await expectAccessible(page);
  await shots(page, "13b-password");
  await change("outra frase bem comprida");
  await provePresence(page);
  await expect(page.getByText("Senha trocada.")).toBeVisible();
  await expect(form).toHaveCount(0);

  // The other page's session is over, and it takes only the new password.
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/login/);
  await typePassword(elsewhere, "vera@example.com");
  await expect(elsewhere.getByText("E-mail ou senha incorretos.")).toBeVisible();
  await typePassword(elsewhere, "vera@example.com", "outra frase bem comprida");
  await isIn(elsewhere);
  await context.close();
});

test("an administrator acts on operators with a confirmation that says what happens", async ({
  page,
  portal,
  browser,
}) => {
  test.slow();
  portal.createOperator("ana@example.com", "admin");
  portal.createOperator("bia@example.com", "admin");
  portal.createOperator("vera@example.com", "viewer");
  const context = await browser.newContext({ locale: "pt-BR", reducedMotion: "reduce" });
  const vera = await context.newPage(); // its browser complains when the session is refused, as it must be
  await vera.goto(`${portal.url}/clientes`);
  await typePassword(vera, "vera@example.com");
  await isIn(vera);

  await page.goto(`${portal.url}/operadores`);
  await typePassword(page, "ana@example.com");
  const dialog = page.getByRole("dialog");
  const row = (email: string) => page.getByRole("row", { name: new RegExp(email) });
  const act = async (email: string, name: string) => {
    await page.getByRole("button", { name: `Ações para ${email}` }).click();
    await page.getByRole("menuitem", { name }).click();
  };

  await test.step("disabled, an operator whose page is open is told so there, and is out", async () => {
    await expect(row("vera@example.com")).toContainText("Ativo");
    await expectAccessible(page);
    await shots(page, "14-operators");
    await page.getByRole("button", { name: "Ações para vera@example.com" }).click();
    await expect(page.getByRole("menuitem", { name: "Redefinir a senha" })).toBeVisible();
    await expect(page.getByRole("menuitem", { name: "Remover segundo fator" })).toHaveCount(0);
    await expectAccessible(page, "[role=menu]"); // Mantine puts a div without a role into it, for the focus
    await shots(page, "15-actions");
    await page.getByRole("menuitem", { name: "Desativar" }).click();
    await expect(page.getByText(/vera@example.com não entra mais/)).toBeVisible();
    await dialog.getByRole("button", { name: "Desativar" }).click();
    await expect(row("vera@example.com")).toContainText("Desativado");

    const ended = vera.getByRole("dialog", { name: "Sua sessão terminou" });
    await expect(ended).toBeVisible({ timeout: askedAgain });
    await expectAccessible(vera);
    await shots(vera, "15b-ended");
    await typePassword(vera, "vera@example.com");
    await expect(ended.getByText("E-mail ou senha incorretos.")).toBeVisible();
    await ended.getByRole("button", { name: "Sair" }).click();
    await expect(vera).toHaveURL(/\/login/);
  });

  await test.step("nobody disables himself or changes the own role", async () => {
    await page.getByRole("button", { name: "Ações para ana@example.com" }).click();
    await expect(page.getByRole("menuitem", { name: "Desativar" })).toHaveCount(0);
    await page.getByRole("menuitem", { name: "Editar" }).click();
    await expect(dialog.getByText("Ninguém muda o próprio perfil; outro administrador pode.")).toBeVisible();
    for (const role of ["Somente leitura", "Operador", "Administrador"]) {
      await expect(dialog.getByRole("radio", { name: role })).toBeDisabled();
    }
    await shots(page, "15c-own-role");
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  });

  await test.step("a link for another password is made, and ends the old one", async () => {
    await act("bia@example.com", "Redefinir a senha");
    await expect(dialog.getByText("Links criados antes deixam de funcionar.")).toBeVisible();
    await dialog.getByRole("button", { name: "Criar link" }).click();
    const link = (await page.getByRole("region", { name: "Link para definir a senha" }).textContent()) ?? "";
    await page.getByRole("button", { name: "Já copiei o link" }).click();
    await page.getByRole("button", { name: "Fechar mesmo assim" }).click();
    await vera.goto(link);
    await expect(vera.getByText(/Olá, bia@example.com. Escolha uma nova senha./)).toBeVisible();
    await field(vera, "Nova senha").fill("outra frase bem comprida");
    await vera.getByRole("button", { name: "Definir senha e entrar" }).click();
    await isIn(vera);
    await logOut(vera);
    await typePassword(vera, "bia@example.com");
    await expect(vera.getByText("E-mail ou senha incorretos.")).toBeVisible();
  });

  await test.step("the last administrator who can log in stays one", async () => {
    // On the page alone whoever acts is an administrator too: only two who remove each other at once come so far.
    portal.alter("UPDATE operators SET password_hash = '' WHERE email = 'ana@example.com'");
    const reason = "Este é o último administrador ativo: promova outro antes.";
    await act("bia@example.com", "Editar");
    await dialog.getByRole("radio", { name: "Operador", exact: true }).check();
    await dialog.getByRole("button", { name: "Salvar" }).click();
    await expect(dialog.getByRole("radiogroup", { name: "Perfil" })).toHaveAccessibleDescription(new RegExp(reason));
    await expectAccessible(page);
    await shots(page, "15d-last");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Descartar" }).click();
    await expect(dialog).toHaveCount(0);
    await act("bia@example.com", "Desativar");
    await dialog.getByRole("button", { name: "Desativar" }).click();
    await expect(page.getByText(reason)).toBeVisible();
    await expect(row("bia@example.com")).toContainText("Administrador");
    await expect(row("bia@example.com")).toContainText("Ativo");
  });

  await context.close();
});

test("a token for a script is told once with a request that works, and revoked", async ({ page, portal, request }) => {
  portal.createOperator("ana@example.com", "admin");
  await page.goto(`${portal.url}/operadores?tokens=true`);
  await typePassword(page, "ana@example.com");
  await page.getByRole("button", { name: "Criar token" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Nome do token").fill("Relatório diário");
  await shots(page, "16-token-form");
  await form.getByRole("button", { name: "Criar token" }).click();
  const token = (await page.getByRole("region", { name: "Token de serviço", exact: true }).textContent()) ?? "";
  await expectAccessible(page);
  await shots(page, "17-token");
  const call = () =>
    request.post(`${portal.url}/graphql`, {
      headers: { Authorization: `Bearer ${token}` },
      data: { query: "{ clients { totalCount } }" },
    });
  expect(await (await call()).json()).toEqual({ data: { clients: { totalCount: 0 } } });
  await page.getByRole("button", { name: "Já guardei o token" }).click();
  await page.getByRole("button", { name: "Fechar mesmo assim" }).click();
  await expect(page.getByText("Relatório diário")).toBeVisible();
  expect(await page.content()).not.toContain(token);
  await expectAccessible(page);
  await shots(page, "18-tokens");
  await page.getByRole("button", { name: "Revogar o token Relatório diário" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revogar", exact: true }).click();
  await expect(page.getByText("Revogado", { exact: true })).toBeVisible();
  const refused = await call();
  expect(await refused.text()).toContain("UNAUTHENTICATED");
  expect(await refused.text()).not.toContain("totalCount");
});

test.describe("a portal that demands a second factor of all", () => {
  test.use({ mfa: "all" });

  test("shows nothing but the own account until it is there", async ({ page, portal }) => {
    portal.createOperator("vera@example.com", "viewer");
    await page.goto(portal.url);
    await typePassword(page, "vera@example.com");
    await expect(page).toHaveURL(/\/conta$/);
    await expect(page.getByText("Este portal exige um segundo fator")).toBeVisible();
    await expect(page.getByRole("link", { name: "Clientes", exact: true })).toBeHidden();
    await expectAccessible(page);
    await shots(page, "19-demanded");
    await page.goto(`${portal.url}/clientes`);
    await expect(page).toHaveURL(/\/conta$/);
    await page.getByRole("button", { name: "Configurar aplicativo" }).click();
    await provePresence(page);
    const seed = (await page.getByRole("region", { name: "Chave do aplicativo" }).textContent()) ?? "";
    await page.getByLabel("Código que o aplicativo mostra").fill(codeOf(seed.replace(/\s/g, "")));
    await page.getByRole("button", { name: "Ligar aplicativo" }).click();
    await page.getByRole("button", { name: "Já guardei os códigos" }).click();
    await page.getByRole("button", { name: "Fechar mesmo assim" }).click();
    await page.getByRole("link", { name: "Clientes", exact: true }).click();
    await expect(page.getByText("Nenhum cliente ainda")).toBeVisible();
  });
});
