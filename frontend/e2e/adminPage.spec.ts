import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { test as base, expect, password } from "./portal";

const frontend = resolve(import.meta.dirname, "..");
const example = readFileSync(resolve(frontend, "../deploy/admin-page.nginx.conf"), "utf8");

const mediaTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The headers of the documented host for a file, with its nonce. */
function headersOf(file: string, portal: string, nonce: string): Record<string, string> {
  const headers = Object.fromEntries(
    [...example.matchAll(/add_header (\S+) "(.*)" always;/g)].map(([, name, value]) => [name, value]),
  );
  const policy = new RegExp(`^\\s${file}\\s+"(.*)";$`, "m").exec(example)?.[1];
  if (policy)
    headers["Content-Security-Policy"] = policy
      .replace("$request_id", nonce)
      .replaceAll("https://portal.example.com", portal);
  return { ...headers, "Content-Type": mediaTypes[extname(file)] ?? "application/octet-stream" };
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** A host that serves the page as deploy/admin-page.nginx.conf would, on a port of its own. */
class Host {
  private readonly folder = mkdtempSync(join(tmpdir(), "chaveiro-page-"));
  private portal = "";
  private readonly server = createServer((request, answer) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    const asked = pathname === "/graphiql" ? "/graphiql.html" : pathname;
    const file = isFile(join(this.folder, asked)) ? asked : "/index.html";
    const nonce = randomUUID();
    const content = readFileSync(join(this.folder, file));
    answer.writeHead(200, headersOf(file, this.portal, nonce));
    answer.end(file.endsWith(".html") ? content.toString().replaceAll("__CSP_NONCE__", nonce) : content);
  });

  async open() {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return this;
  }

  get origin() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Builds the page for a portal, as docs/admin-page.md says. */
  build(portal: string) {
    this.portal = portal;
    execFileSync("npm", ["run", "build", "--", "--outDir", this.folder, "--emptyOutDir"], {
      cwd: frontend,
      env: { ...process.env, VITE_PORTAL_URL: portal },
      stdio: "pipe",
    });
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const test = base.extend<{ host: string; adminPage: Host }>({
  adminPage: async ({ browserName: _ }, use) => {
    const host = await new Host().open();
    await use(host);
    await host.close();
  },
  adminOrigins: async ({ adminPage }, use) => use(adminPage.origin),
});

test("a page that is hosted elsewhere logs in, stays logged in, works and logs out", async ({
  page,
  portal,
  adminPage,
}) => {
  test.slow();
  portal.createOperator("ana@example.com", "admin");
  adminPage.build(portal.url);
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  const cookies = async () => (await page.context().cookies()).map(({ name }) => name);
  const clients = page.getByRole("link", { name: "Clientes", exact: true });

  await page.goto(`${adminPage.origin}/clientes`);
  await page.getByLabel("E-mail").fill("ana@example.com");
  await page.getByRole("textbox", { name: "Senha", exact: true }).fill(password);
  await page.getByRole("button", { name: "Entrar", exact: true }).click();
  await expect(page).toHaveURL(`${adminPage.origin}/clientes`);
  const { port } = new URL(portal.url); // which tells the portals of one host apart
  expect((await cookies()).sort()).toEqual([`chaveiro_device_${port}`, `chaveiro_rt_${port}`]);

  await page.reload();
  await clients.click();
  await expect(page.getByRole("heading", { level: 1, name: "Clientes" })).toBeVisible();

  await test.step("the audit trail is downloaded from the portal", async () => {
    await page.getByRole("link", { name: "Auditoria" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: /CSV/ }).click();
    expect(readFileSync(await (await download).path(), "utf8")).toContain("session.login");
  });

  await test.step("the copy inside the program has the session too, where an install ends", async () => {
    const other = await page.context().newPage();
    await other.goto(`${portal.url}/?install=expired`);
    await expect(other.getByRole("link", { name: "Clientes", exact: true })).toBeVisible();
    await other.close();
  });

  await page.getByRole("button", { name: "Sair" }).click();
  await expect(page).toHaveURL(/\/login/);
  expect(await cookies()).toEqual([`chaveiro_device_${port}`]); // it opens nothing: by it the browser is known again
  expect(await page.evaluate(() => localStorage.getItem("chaveiro.session"))).toBeNull();
  expect([...asked].sort()).toEqual([adminPage.origin, portal.url].sort());
});
