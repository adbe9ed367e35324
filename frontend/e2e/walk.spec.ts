import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, fillFirstAdministrator, expectAccessible as look, test } from "./portal";

/** The words of the walk: in Portuguese those of the service people's own instructions (FAQ 6461). */
const portuguese = {
  name: "Nome completo",
  email: "E-mail",
  password: "Senha",
  makeAdministrator: "Criar administrador",
  menu: "Abrir o menu",
  clients: "Clientes",
  add: /^Novo/,
  legalName: "Razão social ou nome",
  document: "CNPJ ou CPF",
  addClient: "Adicionar cliente",
  invalidDocument: "Os dígitos verificadores não conferem. Confira o número.",
  products: "Produtos",
  addToClient: "Adicionar ao cliente",
  keysTitle: "Chaves de acesso",
  marketplaceFirst: "Primeiro adicione um marketplace (passo 2). Depois gere a chave.",
  description: "Descrição do marketplace",
  username: "Usuário",
  secret: "Senha",
  accessToken: "Acesso Token",
  refreshToken: "Refresh Token",
  token: "Token",
  addMarketplace: "Adicionar marketplace",
  waiting: "Aguardando",
  generate: "Gerar chave",
  key: "Chave de acesso",
  kept: "Já guardei a chave",
  download: "Baixar",
  checklist: "Ordem dos procedimentos",
  connected: "Retaguarda conectada",
  lastCall: "Última chamada",
  lastUse: "Último uso",
  search: "Buscar clientes",
};

const english: typeof portuguese = {
  name: "Full name",
  email: "E-mail",
  password: "Password",
  makeAdministrator: "Create administrator",
  menu: "Open the menu",
  clients: "Clients",
  add: /^New/,
  legalName: "Legal name or name",
  document: "CNPJ or CPF",
  addClient: "Add client",
  invalidDocument: "The check digits do not match. Check the number.",
  products: "Products",
  addToClient: "Add to the client",
  keysTitle: "Access keys",
  marketplaceFirst: "Add a marketplace first (step 2). Then generate the key.",
  description: "Marketplace description",
  username: "User",
  secret: "Password",
  accessToken: "Access token",
  refreshToken: "Refresh token",
  token: "Token",
  addMarketplace: "Add marketplace",
  waiting: "Waiting",
  generate: "Generate key",
  key: "Access key",
  kept: "I have kept the key",
  download: "Download",
  checklist: "Order of the set-up",
  connected: "Back-office connected",
  lastCall: "Last call",
  lastUse: "Last use",
  search: "Search clients",
};

const walks = [
  { title: "in Portuguese on a wide screen", words: portuguese, locale: "pt-BR", width: 1280, height: 800 },
  { title: "in Portuguese on a phone of 360 px", words: portuguese, locale: "pt-BR", width: 360, height: 740 },
  { title: "in English on a wide screen", words: english, locale: "en-US", width: 1280, height: 800 },
];

const query = `{ integration { client { name document } marketplaces { provider description credentials {
  ... on MeuCarrinhoCredentials { username password }
  ... on Plug4MarketCredentials { accessToken }
  ... on ShowKaseCredentials { token } } } } }`;

for (const { title, words, locale, width, height } of walks) {
  test.describe(title, () => {
    test.use({ locale, viewport: { width, height } });

    test("from the first start to the back-office's first answer", async ({ page, portal }) => {
      test.slow();
      const narrow = width < 768;
      // The same pages in another language have the same structure and colours: they are not looked at again.
      const expectAccessible = words === english ? async () => {} : look;
      const openMenu = async () => {
        if (narrow) await page.getByRole("button", { name: words.menu }).click();
      };
      const clients = page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: words.clients });
      const shot = async (name: string) => {
        await page.evaluate(() => scrollTo(0, 0));
        // `make pictures` keeps those of the guide for operators.
        const guide = locale === "pt-BR" && !narrow && process.env.PICTURES;
        const path = guide ? resolve(guide, `${name}.png`) : test.info().outputPath(`${name}.png`);
        await page.screenshot({ path, fullPage: !guide, animations: "disabled" });
      };

      await test.step("the page asks for the link while there is no administrator", async () => {
        await page.goto(portal.url);
        await expect(page).toHaveURL(/\/setup$/);
        await expectAccessible(page);
      });

      await test.step("the link makes the first administrator", async () => {
        await fillFirstAdministrator(page, portal.setupLink, words);
        await expect(page).not.toHaveURL(/token/);
        await expectAccessible(page);
        await page.getByRole("button", { name: words.makeAdministrator }).click();
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page).not.toHaveURL(/setup/);
        await expectAccessible(page);
        await shot("1-home");
      });

      await test.step("Clientes, Novo: a wrong document is told as it is typed, a right one is taken", async () => {
        await openMenu();
        await clients.click();
        await expect(page.getByRole("heading", { level: 1, name: words.clients })).toBeVisible();
        await expectAccessible(page);
        await page.getByRole("button", { name: words.add }).first().click();
        const form = page.getByRole("dialog");
        await form.getByLabel(words.legalName).fill("Padaria São João Ltda");
        await form.getByLabel(words.document).fill("12.ABC.345/01DE-36");
        await expect(form.getByText(words.invalidDocument)).toBeVisible();
        await form.getByLabel(words.document).fill("12abc34501de35");
        await expectAccessible(page);
        await form.getByRole("button", { name: words.addClient }).click();
        await expect(page.getByRole("heading", { level: 1, name: "Padaria São João Ltda" })).toBeVisible();
        await expect(page.getByText("12.ABC.345/01DE-35").first()).toBeVisible();
        await expectAccessible(page);
      });

      await test.step("the product Integration Marketplace is added", async () => {
        const products = page.getByRole("region", { name: words.products });
        await products.getByRole("button", { name: words.add }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText("Integration Marketplace").first().click();
        await expectAccessible(page);
        await dialog.getByRole("button", { name: words.addToClient }).click();
        await expect(page.getByRole("heading", { level: 1, name: "Integration Marketplace" })).toBeVisible();
        await expectAccessible(page);
        await shot("2-product");
      });

      const marketplaces = page.getByRole("region", { name: "Marketplace", exact: true });
      const keys = page.getByRole("region", { name: words.keysTitle, exact: true });

      await test.step("no key can be made before the first marketplace, and the page says why", async () => {
        await expect(keys.getByRole("button", { name: words.add })).toBeDisabled();
        await expect(keys.getByText(words.marketplaceFirst).first()).toBeVisible();
      });

      const add = async (provider: string, description: string, fields: [string, string][]) => {
        await marketplaces.getByRole("button", { name: words.add }).first().click();
        const dialog = page.getByRole("dialog");
        await dialog.getByRole("button", { name: new RegExp(`^${provider}`) }).click();
        await dialog.getByLabel(words.description).fill(description);
        for (const [label, value] of fields)
          await dialog.getByRole("textbox", { name: label, exact: true }).fill(value);
        await expectAccessible(page);
        await dialog.getByRole("button", { name: words.addMarketplace }).click();
        if (provider === "Nuvemshop") {
          // It goes on with how the merchant connects the shop, which this installation is not set up for.
          await expect(page.getByRole("dialog", { name: new RegExp(description) })).toBeVisible();
          await expectAccessible(page);
          await page.keyboard.press("Escape");
        }
        await expect(page.getByRole("dialog")).toBeHidden();
        await expect(marketplaces.getByText(description).first()).toBeVisible();
      };

      await test.step("the marketplaces are added", async () => {
        await marketplaces.getByRole("button", { name: words.add }).first().click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectAccessible(page);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
        await add("Meu Carrinho", "Delivery da padaria", [
          [words.username, "integracao"],
          [words.secret, "senha da loja "],
        ]);
        await add("Plug4Market", "Hub", [
          [words.accessToken, " acesso-123 "],
          [words.refreshToken, "renova-456"],
        ]);
        await add("ShowKase", "Vitrine", [[words.token, "vitrine-789"]]);
        await add("Nuvemshop", "Loja virtual", []);
        await expect(marketplaces.getByText(words.waiting).first()).toBeVisible();
        await expectAccessible(page);
        await shot("3-marketplaces");
        for (const secret of ["senha da loja", "acesso-123", "renova-456", "vitrine-789"]) {
          expect(await page.content()).not.toContain(secret);
        }
      });

      const key = await test.step("the key is shown once", async () => {
        await keys.getByRole("button", { name: words.add }).first().click();
        await expectAccessible(page);
        await page.getByRole("dialog").getByRole("button", { name: words.generate }).click();
        const shown = page.getByRole("dialog");
        const text = await shown
          .getByText(/^chv_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
          .first()
          .textContent();
        await expectAccessible(page);
        await shot("4-key");
        if (!text) throw new Error("no key was shown");
        const download = page.waitForEvent("download");
        await shown.getByRole("button", { name: words.download }).click();
        expect(readFileSync(await (await download).path(), "utf8")).toContain(text);
        await shown.getByRole("button", { name: words.kept }).click();
        await expect(page.getByRole("dialog")).toBeHidden();
        expect(await page.content()).not.toContain(text);
        return text;
      });

      await test.step("a plain HTTP client reads with it what was typed, and not the refresh token", async () => {
        const answer = await fetch(`${portal.url}/graphql`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ query }),
        });
        const body = await answer.text();
        expect(answer.status).toBe(200);
        expect(body).not.toContain("renova-456");
        expect(JSON.parse(body).data.integration).toEqual({
          client: { name: "Padaria São João Ltda", document: "12ABC34501DE35" },
          marketplaces: [
            {
              provider: "MEU_CARRINHO",
              description: "Delivery da padaria",
              credentials: { username: "integracao", password: "senha da loja " },
            },
            { provider: "PLUG4MARKET", description: "Hub", credentials: { accessToken: "acesso-123" } },
            { provider: "SHOWKASE", description: "Vitrine", credentials: { token: "vitrine-789" } },
            { provider: "NUVEMSHOP", description: "Loja virtual", credentials: null },
          ],
        });
      });

      await test.step("the open page shows step 4 done by itself, and when the key was last used", async () => {
        const last = page.getByRole("region", { name: words.checklist }).getByRole("listitem").last();
        await expect(last).toContainText(words.connected);
        await expect(last).toContainText(words.lastCall, { timeout: 20_000 });
        await expect(keys.getByText(words.lastUse).first()).toBeVisible();
        await expect(keys.getByText("127.0.0.1").first()).toBeVisible();
        await expectAccessible(page);
        await shot("5-connected");
      });

      await test.step("the client is found again by its document, with and without punctuation", async () => {
        await openMenu();
        await clients.click();
        for (const text of ["12.abc.345/01de", "12ABC345", "padaria sao"]) {
          await page.getByRole("searchbox", { name: words.search }).fill(text);
          await expect(page.getByRole("link", { name: /Padaria São João/ }).first()).toBeVisible();
          await expect(page).toHaveURL(/=/);
        }
        await page.getByRole("searchbox", { name: words.search }).fill("nada disso");
        await expect(page.getByRole("link", { name: /Padaria São João/ })).toHaveCount(0);
        await expectAccessible(page);
        await shot("6-clients");
      });
    });
  });
}
