import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { fillFirstAdministrator, freePort } from "./portal";

test("`make dev` serves the page, the program and GraphiQL at one address", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "chaveiro-dev-"));
  const port = await freePort();
  const program = await freePort();
  const made = spawn("make", ["dev"], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, PAGE_PORT: `${port}`, PROGRAM_PORT: `${program}`, DATA_DIR: join(folder, "data") },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, as at a terminal, which is told to end
  });
  let output = "";
  made.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  made.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise((done) => made.once("exit", done));
  try {
    await expect(() => {
      expect(output).toContain("the portal is ready");
      expect(output).toContain("Local"); // the page is served as well
    }).toPass({ timeout: 90_000 });
    const link = new URL(readFileSync(join(folder, "data", "setup-link"), "utf8").trim());
    expect(link.origin).toBe(`http://127.0.0.1:${port}`);
    await fillFirstAdministrator(page, link.href);
    await page.getByRole("button", { name: "Criar administrador" }).click();
    await expect(page.getByRole("link", { name: "Clientes" })).toBeVisible({ timeout: 60_000 });
    await page.goto(`http://127.0.0.1:${port}/graphiql`);
    await expect(page.locator(".graphiql-container")).toBeVisible({ timeout: 60_000 });
  } finally {
    await page.close();
    if (made.pid) process.kill(-made.pid, "SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
});
