import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

/** The program, started as a person would, on a new installation of its own. */
export interface Portal {
  url: string;
  /** The link that the first start wrote into a file, as it has no terminal. */
  setupLink: string;
  /** Makes an operator at the command line, as an administrator of the machine would. */
  createOperator(email: string, role: "admin" | "operator" | "viewer"): void;
  /** Sends a GraphQL request as a program would; fails on any error. */
  ask<Data>(token: string, query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Makes every log-in ten minutes older, which nobody wants to wait for; a page knows of it when it is loaded again. */
  ageLogIns(): void;
  /** Changes the database while the program serves, to a state that nobody reaches on the page alone. */
  alter(sql: string): void;
  /** Changes the database as somebody who has no right to. */
  forge(sql: string): void;
}

export const password = "uma frase bem comprida";

/** Opens the link of a first start, and fills in the form of the first administrator. */
export async function fillFirstAdministrator(
  page: Page,
  link: string,
  words = { name: "Nome", email: "E-mail", password: "Senha" },
) {
  await page.goto(link);
  await page.getByLabel(words.name).fill("Ana Souza");
  await page.getByLabel(words.email).fill("ana@example.com");
  await page.getByRole("textbox", { name: words.password, exact: true }).fill(password);
}

export const binary = resolve(import.meta.dirname, "../../bin/chaveiro");

/**
 * Addresses of providers that the program refuses to call: nothing is asked of anybody. The tests with providers start
 * the demonstration instead.
 */
const nowhere = {
  CHAVEIRO_NUVEMSHOP_URL: "https://192.0.2.1",
  CHAVEIRO_NUVEMSHOP_API_URL: "https://192.0.2.1",
  CHAVEIRO_PLUG4MARKET_URL: "https://192.0.2.1",
  CHAVEIRO_MEU_CARRINHO_URL: "https://192.0.2.1",
};

/** Is below the ports that the system gives to whoever asks for any, so that nobody else comes to have one of these. */
let nextPort = 20_000 + Math.floor(Math.random() * 10_000);

/** A port of this machine at which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    nextPort++;
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false));
      server.listen(nextPort, "127.0.0.1", () => done(true));
    });
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return nextPort;
  }
}

async function start(
  folder: string,
  host: string,
  flags: string[],
): Promise<{ portal: Portal; program: ChildProcess }> {
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const program = spawn(binary, ["--listen", `127.0.0.1:${port}`, "--public-url", url, ...flags], {
    cwd: folder,
    env: { ...process.env, ...nowhere },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const setupLink = await new Promise<string>((found, fail) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("the portal is ready"))
        found(readFileSync(join(folder, "data", "setup-link"), "utf8").trim());
    };
    program.stdout.on("data", read);
    program.stderr.on("data", read);
    program.on("exit", (code) => fail(new Error(`the program ended with ${code}:\n${output}`)));
  });
  const createOperator: Portal["createOperator"] = (email, role) => {
    execFileSync(binary, ["admin", "create", "--email", email, "--name", email, "--role", role], {
      cwd: folder,
      input: `${password}\n`,
    });
  };
  const ask = async <Data>(token: string, query: string, variables?: Record<string, unknown>): Promise<Data> => {
    const answer = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const body = await answer.text();
    if (body.includes('"errors"') || body.includes('"code"')) throw new Error(`${query}\nanswered ${body}`);
    return JSON.parse(body).data;
  };
  const file = join(folder, "data", "chaveiro.db");
  const sqlite = (...args: string[]) => execFileSync("sqlite3", ["-bail", "-cmd", ".timeout 500", ...args]).toString();
  const forge: Portal["forge"] = (sql) => {
    // Debian's sqlite3 does not know how the program's search folds accents: what it alters is not found by new words.
    const found = sqlite(
      "-json",
      file,
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_search_update' AND tbl_name <> 'clients'",
    );
    const triggers: { name: string; sql: string }[] = JSON.parse(found || "[]");
    sqlite(
      file,
      [
        "BEGIN IMMEDIATE",
        ...triggers.map(({ name }) => `DROP TRIGGER ${name}`),
        sql.trim().replace(/;$/, ""),
        ...triggers.map((trigger) => trigger.sql),
        "COMMIT",
      ].join(";\n"),
    );
  };
  const alter: Portal["alter"] = (sql) => {
    // The portal stands still meanwhile, so that it sees no row that nobody vouches for yet.
    for (let tries = 0; ; tries++) {
      program.kill("SIGSTOP");
      try {
        forge(sql);
        const altered = spawnSync(binary, ["grants"], { cwd: folder }).stdout.toString();
        for (const [, id = ""] of altered.matchAll(/^\w+ (\w+)$/gm)) {
          execFileSync(binary, ["grants", "--adopt", id], { cwd: folder });
        }
        return;
      } catch (error) {
        if (tries === 20) throw error; // otherwise it stood still in the middle of a change of its own
      } finally {
        program.kill("SIGCONT");
      }
    }
  };
  const ageLogIns = () =>
    alter(
      "UPDATE sessions SET authenticated_at = strftime('%Y-%m-%d %H:%M:%f+00:00', authenticated_at, '-10 minutes')",
    );
  return { portal: { url, setupLink, createOperator, ask, alter, forge, ageLogIns }, program };
}

/**
 * Ends the program and removes its folder. The page goes first: one that lives on reconnects its live stream, and
 * complains that nobody answers.
 */
export async function end(page: Page, program: ChildProcess, folder: string) {
  await page.close();
  program.removeAllListeners("exit");
  const ended = new Promise((done) => program.once("exit", done));
  program.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** Notes what a page complains of. */
export async function listen(page: Page, complaints: string[]) {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1" && hostname !== "localhost")
      complaints.push(`request to ${hostname}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`),
    );
  });
}

// Proves: 4.5
/** A page that fails its test when the page itself complains, breaks its own policy, or speaks to another machine. */
export const test = base.extend<{
  host: string;
  mfa: string;
  adminOrigins: string;
  portal: Portal;
  complaints: string[];
}>({
  /** What the portal is reached as; passkeys want a name. */
  host: ["127.0.0.1", { option: true }],
  /** Of whom the portal demands a second factor: optional (nobody), admins or all. */
  mfa: ["optional", { option: true }],
  /** Where copies of the page may be, separated by commas. */
  adminOrigins: ["", { option: true }],
  portal: async ({ page, host, mfa, adminOrigins }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "chaveiro-e2e-"));
    const { portal, program } = await start(folder, host, ["--mfa", mfa, "--admin-origins", adminOrigins]);
    await use(portal);
    await end(page, program, folder);
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      await listen(page, complaints);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/**
 * No violation of WCAG 2.2 AA that axe can find, in light and in dark, and nothing wider than the screen. What is not
 * ours to mend is named in except.
 */
export async function expectAccessible(page: Page, except?: string) {
  await expect(page.locator("h1").first()).toBeVisible(); // the address changes before the page is drawn
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    const axe = new AxeBuilder({ page }).setLegacyMode(); // without it axe opens a page of its own for each look
    if (except) axe.exclude(except);
    // What dark changes is colours.
    if (colorScheme === "dark") axe.withRules(["color-contrast"]);
    else axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    const { violations } = await axe.analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id} (${colorScheme}, ${page.url()}): ${nodes.map(({ html }) => html).join(" | ")}`,
    );
    expect(found).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

export { expect };
