// Proves: 13.1
import { readFileSync } from "node:fs";
import { furnish, logIn } from "./furnish";
import { expect, expectAccessible, test } from "./portal";

const query = "{ integration { marketplaces { credentials { ... on ShowKaseCredentials { token } } } } }";

for (const { screen, width, height } of [
  { screen: "a wide screen", width: 1280, height: 800 },
  { screen: "a phone of 360 px", width: 360, height: 740 },
]) {
  test.describe(`on ${screen}`, () => {
    test.use({ viewport: { width, height } });

    test("a leaked key is revoked, and what it has read is renewed", async ({ page, portal }) => {
      const { client, owned, key } = await furnish(portal);
      await portal.ask(key, query);
      await logIn(page, portal);
      await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
      await page.getByRole("link", { name: "A chave Retaguarda vazou: o que fazer" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Vazamento da chave Retaguarda" })).toBeVisible();
      const read = page.getByRole("listitem").filter({ hasText: "Vitrine (ShowKase)" });
      // The read is saved a few seconds later.
      await expect(async () => {
        await page.reload();
        await expect(read).toContainText("lida 1 vez", { timeout: 2000 });
      }).toPass();
      await expect(page.getByText("Faltam 2 passos.")).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath("leak.png"), fullPage: true });

      await page.getByRole("button", { name: "Revogar agora" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revogar", exact: true }).click();
      await expect(page.getByText("Falta 1 passo.")).toBeVisible();

      await page.getByRole("link", { name: "Trocar as credenciais de Vitrine" }).click();
      await page.getByRole("button", { name: /^Editar.*Vitrine/ }).click();
      await page.getByRole("dialog").getByLabel("Token").first().fill("vitrine-790");
      await page.getByRole("dialog").getByRole("button", { name: "Salvar" }).click();
      await expect(page.getByRole("dialog")).toHaveCount(0);

      await page.goBack();
      await expect(page.getByText("Trocada depois")).toBeVisible();
      await expect(page.getByText("Resolvido: a chave está revogada")).toBeVisible();
    });

    test("the audit trail is narrowed, read and exported", async ({ page, portal }) => {
      const { client, token } = await furnish(portal);
      await portal.ask(
        token,
        `mutation($id: ID!) { updateClient(input: {id: $id, name: "Padaria São João Ltda", tradeName: "Pão Quente",
          document: "33.000.167/0001-01"}) { client { id } } }`,
        { id: client },
      );
      await logIn(page, portal);
      await page.goto(`${portal.url}/clientes/${client}`);
      await page.getByRole("link", { name: "Ver a auditoria" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Auditoria" })).toBeVisible();
      await expect(page.getByText("Chave de acesso gerada")).toBeVisible();
      await expect(page.getByText("Entrou no portal")).toHaveCount(0); // it is about no client
      const rows = page.getByRole("row");
      const added = rows.filter({ hasText: "Marketplace adicionado" });
      await expect(added).toContainText("Marketplace ShowKase");
      await expect(added).toContainText("Token alterado (o valor não é mostrado)");

      await page.goto(`${portal.url}/auditoria`);
      await expect(page.getByText("Entrou no portal").first()).toBeVisible();
      await page.getByPlaceholder("Nome, CNPJ ou CPF").fill("33000167");
      await page.getByRole("option", { name: "Padaria São João Ltda · 33.000.167/0001-01" }).click();
      await expect(page.getByRole("button", { name: "Retirar o filtro Cliente: Padaria São João Ltda" })).toBeVisible();
      await expect(page.getByText("Entrou no portal")).toHaveCount(0);
      await page.getByLabel("Ação").selectOption({ label: "Clientes" });
      await expect(page).toHaveURL(/action=client\./);
      await expect(page.getByText("Cliente cadastrado")).toBeVisible();
      await expect(page.getByText("Chave de acesso gerada")).toHaveCount(0);
      await expect(page.locator("ins").filter({ hasText: "Padaria São João Ltda" })).toBeVisible();
      await expect(rows.filter({ hasText: "Cliente cadastrado" })).toContainText("Documento 33.000.167/0001-01");
      await expect(rows.filter({ hasText: "Cliente alterado" })).toContainText("Nome fantasia Pão Quente");
      await expectAccessible(page);
      await page.screenshot({ path: test.info().outputPath("audit.png"), fullPage: true });

      const exported = async (button: string) => {
        const [file] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: button }).click(),
        ]);
        return readFileSync(await file.path(), "utf8")
          .trim()
          .split("\n");
      };
      const [header, ...table] = await exported("Exportar CSV");
      expect(header).toContain("action");
      expect(table).toHaveLength(2);
      expect(table.filter((line) => line.includes("client.create"))).toHaveLength(1);
      expect(table.filter((line) => line.includes("client.update") && line.includes("Pão Quente"))).toHaveLength(1);
      const events = (await exported("Exportar JSON Lines")).map((line) => JSON.parse(line));
      expect(events.map(({ action }) => action).sort()).toEqual(["client.create", "client.update"]);

      await page.getByRole("button", { name: /^Retirar o filtro Cliente/ }).click();
      await page.getByLabel("Até").fill("2020-01-01");
      await expect(page.getByText("Nenhum registro encontrado")).toBeVisible();
      await expectAccessible(page);
    });

    test("a client is exported and then erased", async ({ page, portal }) => {
      const { client, key } = await furnish(portal);
      await logIn(page, portal);
      await page.goto(`${portal.url}/clientes/${client}`);
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Exportar os dados" }).click(),
      ]);
      const content = readFileSync(await file.path(), "utf8");
      expect(JSON.parse(content).client.name).toBe("Padaria São João Ltda");
      expect(content).not.toContain("vitrine-789");

      await page.getByRole("button", { name: "Eliminar o cliente" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("textbox").fill("11.222.333/0001-81");
      await dialog.getByRole("button", { name: /Eliminar .* para sempre/ }).click();
      await expect(dialog.getByText("Digite o CNPJ ou CPF deste cliente para confirmar.")).toBeVisible();
      await expectAccessible(page);
      await dialog.getByRole("textbox").fill("33.000.167/0001-01");
      await dialog.getByRole("button", { name: /Eliminar .* para sempre/ }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Cliente eliminado" })).toBeVisible();
      await expect(page.getByText("Padaria")).toHaveCount(0);
      await expect(page.getByRole("button", { name: "Eliminar o cliente" })).toHaveCount(0);
      await expectAccessible(page);
      await expect(portal.ask(key, query)).rejects.toThrow("UNAUTHENTICATED");
      await page.goto(`${portal.url}/clientes?archived=true`);
      await expect(page.getByText("Cliente eliminado")).toHaveCount(0);
    });
  });
}
