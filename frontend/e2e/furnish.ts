import type { Page } from "@playwright/test";
import { expect, type Portal, password } from "./portal";

/** A client with one marketplace and one key, made through the API; token is the administrator's who made them. */
export async function furnish(portal: Portal) {
  portal.createOperator("ana@example.com", "admin");
  const { login } = await portal.ask<{ login: { accessToken: string } }>(
    "",
    `mutation($password: String!) { login(input: {email: "ana@example.com", password: $password}) { accessToken } }`,
    { password },
  );
  const token = login.accessToken;
  const { createClient } = await portal.ask<{ createClient: { client: { id: string } } }>(
    token,
    `mutation { createClient(input: {name: "Padaria São João Ltda", document: "33.000.167/0001-01"}) { client { id } } }`,
  );
  const client = createClient.client.id;
  const { products } = await portal.ask<{ products: { edges: { node: { id: string } }[] } }>(
    token,
    "{ products { edges { node { id } } } }",
  );
  const { addClientProduct } = await portal.ask<{ addClientProduct: { clientProduct: { id: string } } }>(
    token,
    `mutation($client: ID!, $product: ID!) {
      addClientProduct(input: {clientId: $client, productId: $product}) { clientProduct { id } } }`,
    { client, product: products.edges[0]?.node.id },
  );
  const owned = addClientProduct.clientProduct.id;
  await portal.ask(
    token,
    `mutation($owned: ID!) { addMarketplace(input: {clientProductId: $owned, description: "Vitrine",
      config: {showKase: {token: "vitrine-789"}}}) { marketplace { id } } }`,
    { owned },
  );
  const { createAccessKey } = await portal.ask<{ createAccessKey: { token: string } }>(
    token,
    `mutation($owned: ID!) { createAccessKey(input: {clientProductId: $owned, name: "Retaguarda"}) { token } }`,
    { owned },
  );
  return { client, owned, key: createAccessKey.token, token };
}

/** Logs in through the page. */
export async function logIn(page: Page, portal: Portal, email = "ana@example.com") {
  await page.goto(portal.url);
  await expect(page).toHaveURL(/\/login/);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Senha", exact: true }).fill(password);
  await page.getByRole("button", { name: "Entrar" }).click();
  await expect(page).not.toHaveURL(/\/login/); // on a narrow screen the menu is closed
}
