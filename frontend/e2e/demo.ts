import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { test as base, binary, end, freePort } from "./portal";

/** The demonstration: a portal with sample clients, and the control panels of its simulated providers. */
export interface Demo {
  url: string;
  panels: Record<"Nuvemshop" | "Plug4Market" | "Meu Carrinho" | "ShowKase", string>;
  logIn(page: Page): Promise<void>;
  /** Opens the product Integration Marketplace of a client. */
  open(page: Page, client: string): Promise<void>;
}

/** What the demo tells on its standard output; the last of it is told last. */
const line = (output: string, name: string) => new RegExp(`^ +${name} +(\\S.*)\n`, "m").exec(output)?.[1];
const last = "ShowKase";

async function start(folder: string): Promise<{ demo: Demo; program: ChildProcess }> {
  const program = spawn(binary, ["demo", "--providers-port", "0", "--listen", `127.0.0.1:${await freePort()}`], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Two pipes: neither says when the other has come.
  let output = "";
  let log = "";
  await new Promise<void>((ready, fail) => {
    const read = () => {
      if (log.includes("the portal is ready") && line(output, last)) ready();
    };
    program.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      read();
    });
    program.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      read();
    });
    program.on("exit", (code) => fail(new Error(`the program ended with ${code}:\n${output}${log}`)));
  });
  const told = (name: string) => {
    const value = line(output, name);
    if (!value) throw new Error(`it does not tell ${name}:\n${output}`);
    return value;
  };
  const url = told("Portal");
  const demo: Demo = {
    url,
    panels: {
      Nuvemshop: told("Nuvemshop"),
      Plug4Market: told("Plug4Market"),
      "Meu Carrinho": told("Meu Carrinho"),
      ShowKase: told("ShowKase"),
    },
    async logIn(page) {
      await page.goto(url);
      await page.getByLabel("E-mail").fill(told("E-mail"));
      await page.getByRole("textbox", { name: "Senha", exact: true }).fill(told("Senha/password"));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Início" }).waitFor();
    },
    async open(page, client) {
      await page.goto(`${url}/clientes`);
      await page.getByRole("link", { name: client }).first().click();
      await page.getByRole("link", { name: "Integration Marketplace" }).first().click();
      await page.getByRole("heading", { level: 1, name: "Integration Marketplace" }).waitFor();
    },
  };
  return { demo, program };
}

export const test = base.extend<{ demo: Demo }>({
  demo: async ({ page }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "chaveiro-demo-"));
    const { demo, program } = await start(folder);
    await use(demo);
    await end(page, program, folder);
  },
});
