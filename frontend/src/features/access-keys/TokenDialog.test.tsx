import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import i18n, { changeLanguage } from "@/i18n";
import { accessKeyOf, keyClient } from "@/test/accessKey";
import { renderInPage } from "@/test/render";
import { handOverFile, handOverFileName, handOverMessage } from "./handOver";
import { TokenDialog } from "./TokenDialog";

const token = `chv_test_0aB1cD2eF3gH_${"x".repeat(49)}`;
const accessKey = accessKeyOf();

async function open(given: string | null = token) {
  await changeLanguage("pt-BR");
  const onClose = vi.fn();
  renderInPage(<TokenDialog issued={{ accessKey, token: given }} client={keyClient} onClose={onClose} />);
  return { user: userEvent.setup(), onClose };
}

describe("a new key's dialog", () => {
  it("shows the key, and it in a request that is ready to be sent to this portal", async () => {
    await open();
    expect(await screen.findByRole("dialog", { name: "Chave de acesso de Padaria" })).toBeVisible();
    expect(screen.getByRole("region", { name: "Chave de acesso" })).toHaveTextContent(token);
    const curl = screen.getByText(/^curl/);
    expect(curl).toHaveTextContent(`curl "${window.location.origin}/graphql" -H "Authorization: Bearer ${token}"`);
  });

  it("says whose key it is, with the address as a field of its own", async () => {
    const { user } = await open();
    const dialog = within(screen.getByRole("dialog"));
    for (const fact of ["Padaria", "11.222.333/0001-81", "Retaguarda"]) {
      expect(dialog.getAllByText(fact)[0]).toBeVisible();
    }
    const address = `${window.location.origin}/graphql`;
    expect(dialog.getByRole("region", { name: "Endereço da API" })).toHaveTextContent(address);
    await user.click(dialog.getByRole("button", { name: "Copiar endereço" }));
    expect(await navigator.clipboard.readText()).toBe(address);
  });

  it("copies the message for the back-office's team, and puts no key in the address of WhatsApp or e-mail", async () => {
    const { user, onClose } = await open();
    const links = ["Copiar e abrir o WhatsApp", "Copiar e abrir o e-mail"].map((name) =>
      screen.getByRole("link", { name }),
    );
    for (const link of links) {
      expect(decodeURIComponent(link.getAttribute("href") ?? "")).toContain("retaguarda de Padaria");
      expect(link.getAttribute("href")).not.toContain("chv_");
      link.addEventListener("click", (event) => event.preventDefault());
    }
    await user.click(links[0] as HTMLElement);
    const copied = await navigator.clipboard.readText();
    for (const part of ["Padaria", "CNPJ: 11.222.333/0001-81", `${window.location.origin}/graphql`, token]) {
      expect(copied).toContain(part);
    }
    await user.click(screen.getByRole("button", { name: "Já guardei a chave" }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("closes once the key was copied", async () => {
    const { user, onClose } = await open();
    await user.click(await screen.findByRole("button", { name: "Copiar chave" }));
    expect(await navigator.clipboard.readText()).toBe(token);
    await user.click(await screen.findByRole("button", { name: "Já guardei a chave" }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("asks before it closes when the key was neither copied nor downloaded", async () => {
    const { user, onClose } = await open();
    await user.click(await screen.findByRole("button", { name: "Já guardei a chave" }));
    expect(await screen.findByRole("dialog", { name: "Fechar sem guardar a chave de Padaria?" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancelar" }));
    expect(onClose).not.toHaveBeenCalled();
    await user.click(await screen.findByRole("button", { name: "Já guardei a chave" }));
    await user.click(await screen.findByRole("button", { name: "Fechar mesmo assim" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  });

  it("does not close by the escape key", async () => {
    const { user, onClose } = await open();
    await screen.findByRole("dialog");
    await user.keyboard("{Escape}");
    expect(onClose).not.toHaveBeenCalled();
  });

  it("says so when the key cannot be told again", async () => {
    await open(null);
    expect(await screen.findByText(/não pode ser mostrada de novo/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Copiar chave" })).not.toBeInTheDocument();
  });
});

describe("the hand-over of a key", () => {
  const handOver = {
    client: { ...keyClient, name: "Padaria São João & Filhos/ME" },
    accessKey,
    token,
    portal: "https://p.example",
  };
  const words = () => ({ t: i18n.t, language: "pt-BR" });

  it("has a file whose name tells the client and the key in characters that every system takes", () => {
    expect(handOverFileName(handOver)).toBe("padaria-sao-joao-filhos-me-chv_test_0aB1cD2eF3gH.txt");
    expect(handOverFileName({ ...handOver, client: { ...keyClient, name: "日本" } })).toBe("chv_test_0aB1cD2eF3gH.txt");
  });

  it("names client, document, address, key's name and key, in the file and in the message", () => {
    for (const text of [handOverFile(words(), handOver), handOverMessage(words(), handOver)]) {
      expect(text).toContain("Cliente: Padaria São João & Filhos/ME");
      expect(text).toContain("CNPJ: 11.222.333/0001-81");
      expect(text).toContain("Endereço da API: https://p.example/graphql");
      expect(text).toContain("Nome da chave: Retaguarda");
      expect(text).toContain(`Chave de acesso: ${token}`);
    }
  });
});
