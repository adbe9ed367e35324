import { test as demonstration } from "./demo";
import { furnish, logIn } from "./furnish";
import { expect, expectAccessible, type Portal, test } from "./portal";

const openedAt = "2026-11-24 13:14:00+00:00";

/** An incident of ShowKase that goes on, which holds up the one connection there is. */
const trouble = (portal: Portal) =>
  portal.alter(`
    INSERT INTO provider_incidents (id, created_at, provider, opened_at, affected, connections, evidence)
      VALUES ('inc_00000000000000000000000001', '${openedAt}', 'SHOWKASE', '${openedAt}', 812, 10000, 'UNREACHABLE: 812');
    UPDATE marketplaces SET health_state = 'FAILING', health_reason = 'PROVIDER_INCIDENT', next_check_at = NULL;
    UPDATE clients SET trouble = '2';
  `);

const words = "ShowKase está com problema desde 24/11/2026, 10:14: 812 de 10.000 conexões.";

test("an incident of a provider is one banner, and no alarm of a shop", async ({ page, portal }) => {
  const { client, owned } = await furnish(portal);
  trouble(portal);
  await logIn(page, portal);

  const banner = page.getByRole("note").filter({ hasText: words });
  await expect(banner).toContainText("O portal tenta de novo sozinho; não é a loja.");
  await expect(page.getByText("Nenhuma conexão com problema")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("home.png"), fullPage: true });

  await page.goto(`${portal.url}/clientes?hasProblem=true`);
  await expect(banner).toBeVisible();
  await expect(page.getByRole("link", { name: "Padaria São João Ltda" })).toBeVisible();
  await page.getByText("Fora de incidentes", { exact: true }).click();
  await expect(page.getByText("Nenhum cliente encontrado")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("clients.png"), fullPage: true });

  await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
  await expect(banner).toBeVisible();
  await expect(page.getByText("Marketplace com problema", { exact: true })).toBeVisible();
  await expect(page.getByText("Com falha", { exact: true })).toBeHidden();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("product.png"), fullPage: true });

  await page.goto(`${portal.url}/configuracoes`);
  const history = page.getByRole("region", { name: "Incidentes dos marketplaces" });
  await expect(history.getByRole("listitem")).toContainText("812 de 10.000 conexões");
  await expect(history.getByText("Em curso")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("settings.png"), fullPage: true });
});

test("the banner and an answer that nobody could read fit on a narrow screen", async ({ page, portal }) => {
  const { client, owned } = await furnish(portal);
  trouble(portal);
  portal.alter("UPDATE marketplaces SET unread_sealed = x'00', unread_until = '2100-01-01 12:00:00+00:00'");
  await page.setViewportSize({ width: 360, height: 740 });
  await logIn(page, portal);
  await expect(page.getByRole("note").filter({ hasText: words })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("home.png"), fullPage: true });
  await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
  await expect(page.getByRole("note").filter({ hasText: "guardada, cifrada, até 01/01/2100" })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("product.png"), fullPage: true });
});

const sizes = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };

test("a key that somebody altered in the database says so, and is revoked", async ({ page, portal }) => {
  const { client, owned } = await furnish(portal);
  await logIn(page, portal);
  portal.forge("UPDATE access_keys SET expires_at = '2100-01-01 12:00:00+00:00'");
  await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
  const block = page.getByRole("region", { name: "Chaves de acesso", exact: true });
  const row = block.getByRole("listitem").filter({ hasText: "Retaguarda" });
  for (const [name, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    await expect(row.getByText("Alterada por fora", { exact: true })).toBeVisible();
    await expect(row.getByText(/revogue-a e gere outra/)).toBeVisible();
    await expect(row.getByRole("button", { name: /^Trocar|^Alterar/ })).toBeHidden();
    await expectAccessible(page);
    await page.screenshot({ path: test.info().outputPath(`key-${name}.png`), fullPage: true });
  }
  await row.getByRole("button", { name: /^Revogar/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revogar" }).click();
  await expect(row).toBeHidden();
});

test("credentials of another shop wait until its name is typed", async ({ page, portal }) => {
  const { client, owned } = await furnish(portal);
  portal.alter(`UPDATE marketplaces SET health_state = 'NEEDS_ATTENTION', health_reason = 'WRONG_SHOP', next_check_at = NULL,
    account_name = 'Empório Dois Irmãos', account_document = '12ABC34501DE35'`);
  await logIn(page, portal);
  await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
  const open = page.getByRole("button", { name: "Confirmar a loja de Vitrine" });
  const dialog = page.getByRole("dialog");
  for (const [name, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    await open.click();
    await expect(dialog.getByText("Digite exatamente: Empório Dois Irmãos")).toBeVisible();
    await expectAccessible(page);
    await page.screenshot({ path: test.info().outputPath(`shop-${name}.png`) });
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await page.screenshot({ path: test.info().outputPath(`product-${name}.png`), fullPage: true });
  }
  await open.click();
  await dialog.getByLabel("Nome da loja").fill("emporio dois irmaos");
  await dialog.getByRole("button", { name: "Confirmar a loja" }).click();
  await expect(page.getByText("Loja confirmada.")).toBeVisible();
  await expect(open).toBeHidden();
});

demonstration("Plug4Market is connected by two clicks, with nothing pasted", async ({ page, demo }) => {
  await demo.logIn(page);
  await demo.open(page, "Mercado Boa Safra Ltda");
  const block = page.getByRole("region", { name: "Marketplace", exact: true });
  const row = block.getByRole("listitem").filter({ hasText: "Plug4Market" });
  await row.getByRole("button", { name: /^Remover/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remover" }).click();
  await expect(row).toBeHidden();

  await block.getByRole("button", { name: "Novo" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Plug4Market/ }).click();
  await expect(dialog.getByRole("button", { name: "Informar os tokens" })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: demonstration.info().outputPath("connect.png") });
  await dialog.getByRole("button", { name: "Conectar", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(row.getByText("Conectado", { exact: true })).toBeVisible();
});

demonstration(
  "a store that the software house does not have says what to do, and saves nothing",
  async ({ page, demo }) => {
    await demo.logIn(page);
    await demo.open(page, "Pet Shop Quatro Patas Ltda");
    const block = page.getByRole("region", { name: "Marketplace", exact: true });
    await page.setViewportSize({ width: 360, height: 740 });
    await block.getByRole("button", { name: "Novo" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^Plug4Market/ }).click();
    await dialog.getByRole("button", { name: "Conectar", exact: true }).click();
    await expect(dialog.getByText(/Cadastre ou vincule a loja lá e conecte de novo/)).toBeVisible();
    await expectAccessible(page);
    await page.screenshot({ path: demonstration.info().outputPath("unknown.png"), fullPage: true });
    await dialog.getByRole("button", { name: "Informar os tokens" }).click();
    await expect(dialog.getByLabel(/^Refresh Token/)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(block.getByRole("listitem").filter({ hasText: "Plug4Market" })).toBeHidden();
  },
);
