import { furnish, logIn } from "./furnish";
import { expect, expectAccessible, password, test } from "./portal";

test("a wrong password is refused without saying what was wrong, and a right one opens the portal", async ({
  page,
  portal,
}) => {
  portal.createOperator("ana@example.com", "admin");
  await page.goto(`${portal.url}/clientes`);
  await page.getByLabel("E-mail").fill("ana@example.com");
  await page.getByRole("textbox", { name: "Senha", exact: true }).fill("outra frase bem comprida");
  await page.getByRole("button", { name: "Entrar" }).click();
  await expect(page.getByText("E-mail ou senha incorretos.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("textbox", { name: "Senha", exact: true }).fill(password);
  await page.getByRole("button", { name: "Entrar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Clientes" })).toBeVisible();
  await page.reload(); // the session is in a cookie that the page cannot read
  await expect(page.getByRole("heading", { level: 1, name: "Clientes" })).toBeVisible();
});

test("a document that another client has is refused with a link to that client", async ({ page, portal }) => {
  const { client } = await furnish(portal);
  await logIn(page, portal);
  await page.getByRole("link", { name: "Clientes", exact: true }).click();
  await page.getByRole("button", { name: /^Novo/ }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Razão social ou nome").fill("Outra loja");
  await form.getByLabel("CNPJ ou CPF").fill("33000167000101");
  await form.getByRole("button", { name: "Adicionar cliente" }).click();
  await expect(form.getByText("O cliente Padaria São João Ltda já tem este documento.")).toBeVisible();
  await expect(form.getByLabel("Razão social ou nome")).toHaveValue("Outra loja");
  await expect(form.getByRole("link", { name: "Abrir esse cliente" })).toHaveAttribute("href", `/clientes/${client}`);
});

test("the owner of a key is found by its visible part; products and keys are listed", async ({ page, portal }) => {
  const { key } = await furnish(portal);
  await logIn(page, portal);
  await page.getByRole("link", { name: "Chaves de acesso", exact: true }).click();
  await page.getByRole("searchbox", { name: "Buscar chaves" }).fill(key.slice(0, 16));
  await expect(page.getByRole("link", { name: /Padaria São João/ }).first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("searchbox", { name: "Buscar chaves" }).fill("chv_live_nada");
  await expect(page.getByText("Nenhuma chave encontrada")).toBeVisible();
  await page.getByRole("link", { name: "Produtos", exact: true }).click();
  await expect(page.getByText("INTEGRATION_MARKETPLACE").first()).toBeVisible();
  await expectAccessible(page);
});

test("a viewer reaches what it may see, and finds no button that it may not use", async ({ page, portal }) => {
  const { client, owned } = await furnish(portal);
  portal.createOperator("vera@example.com", "viewer");
  await logIn(page, portal, "vera@example.com");
  const menu = page.getByRole("navigation", { name: "Menu" });
  await expect(menu.getByRole("listitem")).toHaveText([
    "Início",
    "Clientes",
    "Chaves de acesso",
    "A vencer",
    "Produtos",
    "API",
  ]);
  await page.goto(`${portal.url}/clientes/${client}/produtos/${owned}`);
  await expect(page.getByText("Vitrine").first()).toBeVisible();

  const sorting = /^(Razão social ou nome|Marketplaces|Criada em)$/;
  const pages: { path: string; heading: string; buttons: RegExp[]; said?: string | RegExp }[] = [
    { path: "/", heading: "Início", buttons: [] },
    { path: "/clientes", heading: "Clientes", buttons: [sorting] },
    { path: "/clientes?add=true", heading: "Clientes", buttons: [sorting] },
    { path: `/clientes/${client}`, heading: "Padaria São João Ltda", buttons: [/^Imprimir$/] },
    {
      path: `/clientes/${client}/produtos/${owned}`,
      heading: "Integration Marketplace",
      buttons: [],
      said: "Vitrine",
    },
    { path: "/chaves", heading: "Chaves de acesso", buttons: [sorting] },
    { path: "/produtos", heading: "Produtos", buttons: [] },
    { path: "/vencimentos", heading: "A vencer", buttons: [] },
    {
      path: "/conta",
      heading: "Minha conta",
      buttons: [/^(Editar meus dados|Trocar a senha|Configurar aplicativo|Adicionar passkey)$/],
    },
    // What is not for a viewer says so, also to one who has the address.
    { path: "/auditoria", heading: "Auditoria", buttons: [], said: /Seu perfil não permite/ },
    { path: "/operadores", heading: "Operadores", buttons: [], said: /Esta página é dos administradores/ },
    { path: "/operadores?tokens=true", heading: "Operadores", buttons: [], said: /Esta página é dos administradores/ },
    { path: "/configuracoes", heading: "Configurações", buttons: [], said: /Seu perfil não permite/ },
    { path: "/nada", heading: "Página não encontrada", buttons: [], said: "Ir para Clientes" },
  ];
  for (const { path, heading, buttons, said } of pages) {
    await page.goto(portal.url + path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(menu).toBeVisible();
    await expect(page.locator(".mantine-Skeleton-root")).toHaveCount(0);
    const main = page.getByRole("main");
    if (said) await expect(main.getByText(said).first()).toBeVisible();
    const names = await main
      .getByRole("button")
      .evaluateAll((found) => found.map((one) => one.getAttribute("aria-label") ?? one.textContent ?? ""));
    expect(
      names.filter((name) => !buttons.some((allowed) => allowed.test(name))),
      `buttons of ${path}`,
    ).toEqual([]);
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Buscar em tudo" }).fill("novo cliente");
  await expect(page.getByText("Nada encontrado.")).toBeVisible();
});

test("GraphiQL asks as the operator, and with a pasted key", async ({ page, portal }) => {
  const { key } = await furnish(portal);
  await logIn(page, portal);
  await page.goto(`${portal.url}/graphiql`);
  await expect(page.getByText("ana@example.com")).toBeVisible();
  const run = page.getByRole("button", { name: /Execute query/ });
  const result = page.getByRole("region", { name: /Result/i }).or(page.locator(".result-window"));
  const editor = page.locator(".graphiql-editor").first(); // GraphiQL gives it no role of its own
  await expect(editor).toContainText("query Integration"); // the editor is there: before, a tab changes nothing in it
  const open = async (tab: RegExp, query: string) => {
    await page.getByRole("tab", { name: tab }).click({ position: { x: 15, y: 12 } }); // beside its closing cross
    await expect(editor).toContainText(query);
  };
  await open(/Clients/, "totalCount");
  await run.click();
  await expect(result.first()).toContainText("Padaria São João", { timeout: 20_000 });
  await expectAccessible(page, ".graphiql-container"); // its tabs hold buttons, which axe calls nested-interactive
  await page.getByText("Com uma chave", { exact: true }).click();
  await page.getByPlaceholder("Cole a chave: chv_live_…").fill(key);
  await open(/Integration/, "revision");
  await run.click();
  await expect(result.first()).toContainText("vitrine-789", { timeout: 20_000 });
  const kept = await page.evaluate(() => ({ ...localStorage, ...sessionStorage }));
  expect(JSON.stringify(kept)).not.toContain(key);
  expect(JSON.stringify(kept)).not.toMatch(/graphiql:|totalCount/); // what was asked is in the page alone
});

test("GraphiQL runs what is in the tab that was just opened, and shows an answer only in the tab that asked", async ({
  page,
  portal,
}) => {
  await furnish(portal);
  await logIn(page, portal);
  await page.goto(`${portal.url}/graphiql`);
  await expect(page.getByText("ana@example.com")).toBeVisible();
  const editor = page.locator(".graphiql-editor").first();
  const result = page.locator(".result-window");
  await expect(editor).toContainText("query Integration");
  // A person that is quicker than GraphiQL, which reads a document a tenth of a second after it is shown.
  const openAndRun = (tab: string) =>
    page.evaluate((name) => {
      const tabs = [...document.querySelectorAll<HTMLElement>(".graphiql-tab-button")];
      tabs.find((button) => button.textContent?.includes(name))?.click();
      document.querySelector<HTMLElement>(".graphiql-execute-button")?.click();
    }, tab);
  await openAndRun("Clients");
  await expect(result).toContainText("Padaria São João", { timeout: 20_000 });

  let answer = () => {};
  const held = new Promise<void>((go) => {
    answer = go;
  });
  await page.route("**/graphql", async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest("**/graphql");
  const answered = page.waitForResponse("**/graphql");
  await page.getByRole("button", { name: /Execute query/ }).click();
  await asked;
  await page.getByRole("tab", { name: /Integration/ }).click({ position: { x: 15, y: 12 } });
  await expect(editor).toContainText("query Integration");
  answer();
  await (await answered).finished();
  await page.evaluate(() => fetch("/graphiql").then((later) => later.text())); // the page has read the answer before
  await expect(page.getByRole("button", { name: /Execute query/ })).toBeVisible();
  await expect(result).not.toContainText("Padaria São João");
});
