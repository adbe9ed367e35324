import type { Page } from "@playwright/test";
import { test } from "./demo";
import { expect, expectAccessible } from "./portal";

const marketplaces = (page: Page) => page.getByRole("region", { name: "Marketplace", exact: true });

/** The merchant's part: choose the shop on the provider's page, and agree. */
async function consent(page: Page, store: RegExp) {
  const choice = page.getByRole("combobox");
  if (await choice.count()) {
    const label = await choice.getByRole("option", { name: store }).first().textContent();
    await choice.selectOption({ label: label?.trim() });
  }
  await page.getByRole("button", { name: "Aceitar e instalar" }).click();
}

test("a merchant connects Nuvemshop by a link in another browser, and the operator's page shows it by itself", async ({
  page,
  demo,
  browser,
}) => {
  await demo.logIn(page);
  await demo.open(page, "Flor de Lis Artesanato");
  const row = marketplaces(page).getByRole("listitem").filter({ hasText: "Nuvemshop" });
  await expect(row.getByText("Aguardando", { exact: true })).toBeVisible();
  await expectAccessible(page);

  await row.getByRole("button", { name: "Criar link para o lojista" }).click();
  const dialog = page.getByRole("dialog", { name: "Link para o lojista" });
  const link = (await dialog.getByText(/\/install\/link\//).textContent())?.trim() ?? "";
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(row.getByRole("button", { name: /^Revogar o link de/ })).toBeVisible();

  const elsewhere = await browser.newContext({ locale: "pt-BR", viewport: { width: 360, height: 740 } });
  const merchant = await elsewhere.newPage();
  await merchant.goto(link);
  await expect(merchant.getByRole("heading", { name: "conectar a loja Flor de Lis Artesanato" })).toBeVisible();
  await merchant.screenshot({ path: test.info().outputPath("merchant.png") });
  await merchant.getByRole("button", { name: "Continuar para a Nuvemshop" }).click();
  await consent(merchant, /Flor de Lis/);
  await expect(merchant.getByText("a loja Ateliê Flor de Lis está conectada")).toBeVisible();

  await expect(row.getByText("Conectado", { exact: true })).toBeVisible(); // nobody has reloaded the page
  await expect(row.getByText("Flor de Lis").first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath("connected.png"), fullPage: true });

  await merchant.goto(link);
  await expect(merchant.getByText("Este link não vale mais")).toBeVisible();
  await elsewhere.close();
});

test("an operator installs in the own browser; a state made up or begun elsewhere is refused, a used one says how it ended", async ({
  page,
  demo,
  browser,
}) => {
  await demo.logIn(page);
  await demo.open(page, "Flor de Lis Artesanato");
  const row = marketplaces(page).getByRole("listitem").filter({ hasText: "Nuvemshop" });
  const [tab] = await Promise.all([
    page.waitForEvent("popup"),
    row.getByRole("button", { name: "Abrir instalação neste navegador" }).click(),
  ]);
  await tab.waitForURL(/authorize/);
  const begun = tab.url();

  const elsewhere = await browser.newContext({ locale: "pt-BR" });
  const stranger = await elsewhere.newPage();
  await stranger.goto(begun);
  await consent(stranger, /Flor de Lis/);
  await expect(stranger.getByText("foi iniciado em outro navegador")).toBeVisible();
  await stranger.goto(`${demo.url}/install/nuvemshop/callback?code=x&state=made-up`);
  await expect(stranger.getByText("foi iniciado em outro navegador")).toBeVisible();
  await elsewhere.close();
  await tab.close();

  const [second] = await Promise.all([
    page.waitForEvent("popup"),
    row.getByRole("button", { name: "Abrir instalação neste navegador" }).click(),
  ]);
  await second.waitForURL(/authorize/);
  const back = second.waitForRequest(/\/install\/nuvemshop\/callback/);
  await consent(second, /Flor de Lis/);
  await expect(second.getByText("Loja conectada")).toBeVisible();
  expect(second.url()).not.toContain("install=");
  await second.goto((await back).url());
  await expect(second.getByText("Loja conectada")).toBeVisible(); // told again, and done once
  await expect(row.getByText("Conectado", { exact: true })).toBeVisible();
});

test("an install from Nuvemshop's own store is attached to the client with its CNPJ", async ({ page, demo }) => {
  await demo.logIn(page);
  const unclaimed = page.getByRole("region", { name: "Instalações sem cliente" });
  await expect(unclaimed.getByText("Livraria Folha Solta Ltda")).toBeVisible();
  await expectAccessible(page);
  await unclaimed.getByRole("button", { name: /^Vincular/ }).click();
  const dialog = page.getByRole("dialog", { name: "Vincular a instalação a um cliente" });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Vincular" }).click();
  await expect(dialog).toBeHidden();
  await expect(unclaimed).toBeHidden();
  await demo.open(page, "Livraria Folha Solta Ltda");
  await expect(marketplaces(page).getByText("Conectado", { exact: true })).toBeVisible();
});

test("credentials of another shop are warned of before they are saved", async ({ page, demo }) => {
  const panel = await page.context().newPage();
  await panel.goto(demo.panels["Meu Carrinho"]);
  const fact = (name: RegExp) =>
    panel.locator("dt", { hasText: name }).first().locator("xpath=following-sibling::dd[1]");
  const user = await fact(/^Usuário/).textContent();
  const secret = await fact(/^Senha/).textContent();
  await panel.close();
  await demo.logIn(page);
  await demo.open(page, "Livraria Folha Solta Ltda");
  await marketplaces(page).getByRole("button", { name: "Novo" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Meu Carrinho/ }).click();
  await dialog.getByLabel("Descrição do marketplace").fill("Delivery");
  await dialog.getByRole("textbox", { name: "Usuário", exact: true }).fill(user ?? "");
  await dialog.getByRole("textbox", { name: "Senha", exact: true }).fill(secret ?? "");
  await dialog.getByRole("button", { name: "Testar conexão" }).click();
  await expect(dialog.getByText(/outro CNPJ|já está conectada/).first()).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("warning.png"), fullPage: true });
  await dialog.getByRole("textbox", { name: "Senha", exact: true }).fill("errada");
  await dialog.getByRole("button", { name: "Testar conexão" }).click();
  await expect(dialog.getByText("Credenciais recusadas")).toBeVisible();
});

test("a connection fails and recovers on the screen without a reload", async ({ page, demo }) => {
  test.setTimeout(240_000); // a minute of it is the portal's own pause
  await demo.logIn(page);
  await demo.open(page, "Mercado Boa Safra Ltda");
  const row = marketplaces(page).getByRole("listitem").filter({ hasText: "Plug4Market" });
  await expect(row.getByText("Conectado", { exact: true })).toBeVisible();
  const panel = await page.context().newPage();
  await panel.goto(demo.panels.Plug4Market);
  await panel
    .getByRole("button", { name: /Derrubar/ })
    .first()
    .click();

  await row.getByRole("button", { name: /^Testar conexão/ }).click();
  await expect(row.getByText("Com falha", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("failing.png"), fullPage: true });

  await panel
    .getByRole("button", { name: /Voltar ao ar/ })
    .first()
    .click();
  await expect(panel.getByRole("button", { name: /Derrubar/ })).toBeVisible();
  await page.bringToFront(); // the panel stays open: a browser may wait for ever for a tab that closes as it navigates
  // The portal tries again by itself, after a minute.
  await expect(row.getByText("Conectado", { exact: true })).toBeVisible({ timeout: 180_000 });
});

test("settings of the providers can be read and changed by an administrator", async ({ page, demo }) => {
  await demo.logIn(page);
  await page.getByRole("link", { name: "Configurações" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Configurações" })).toBeVisible();
  const nuvemshop = page.getByRole("region", { name: "Nuvemshop" });
  await expect(nuvemshop.getByText("/install/nuvemshop/callback")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: /Editar configurações: Plug4Market/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /Renovações por minuto/ }).fill("0");
  await dialog.getByRole("button", { name: "Salvar" }).click();
  await expect(dialog.getByText("Escolha um número de 1 a 1000.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("textbox", { name: /Renovações por minuto/ }).fill("9");
  await dialog.getByRole("button", { name: "Salvar" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("region", { name: "Plug4Market" }).getByText("9", { exact: true })).toBeVisible();
});
