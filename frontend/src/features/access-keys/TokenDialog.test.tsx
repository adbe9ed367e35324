import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { accessKeyOf } from "@/test/accessKey";
import { renderInPage } from "@/test/render";
import { TokenDialog } from "./TokenDialog";

const token = `chv_test_0aB1cD2eF3gH_${"x".repeat(49)}`;
const accessKey = accessKeyOf();

async function open(given: string | null = token) {
  await changeLanguage("pt-BR");
  const onClose = vi.fn();
  renderInPage(<TokenDialog issued={{ accessKey, token: given }} onClose={onClose} />);
  return { user: userEvent.setup(), onClose };
}

describe("a new key's dialog", () => {
  it("shows the key, and it in a request that is ready to be sent to this portal", async () => {
    await open();
    expect(await screen.findByRole("dialog", { name: "Chave de acesso gerada" })).toBeVisible();
    expect(screen.getByRole("region", { name: "Chave de acesso" })).toHaveTextContent(token);
    const curl = screen.getByRole("region", { name: "Requisição com curl" });
    expect(curl).toHaveTextContent(`curl "${window.location.origin}/graphql" -H "Authorization: Bearer ${token}"`);
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
    expect(await screen.findByRole("dialog", { name: "Fechar sem guardar a chave?" })).toBeVisible();
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
