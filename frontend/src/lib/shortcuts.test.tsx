import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useShortcutChoice, useShortcuts } from "./shortcuts";

function Page({ run }: { run: () => void }) {
  useShortcuts([{ key: "j", run }]);
  const [on, turn] = useShortcutChoice();
  return (
    <>
      <button type="button" onClick={() => turn(!on)}>
        {on ? "on" : "off"}
      </button>
      <input aria-label="Nome" />
      <input type="checkbox" aria-label="Arquivados" />
      <select aria-label="Ordem" />
    </>
  );
}

describe("a shortcut of one key", () => {
  afterEach(() => localStorage.clear());

  it("works where nobody types, as long as its page is there", async () => {
    const run = vi.fn();
    const { unmount } = render(<Page run={run} />);
    await userEvent.keyboard("j");
    screen.getByRole("checkbox").focus();
    await userEvent.keyboard("j");
    expect(run).toHaveBeenCalledTimes(2);
    unmount();
    await userEvent.keyboard("j");
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("is a letter like any other in a field, in a list of choices, with Ctrl, and behind a dialog", async () => {
    const run = vi.fn();
    render(<Page run={run} />);
    const field = screen.getByRole("textbox");
    await userEvent.type(field, "j");
    expect(field).toHaveValue("j");
    screen.getByRole("combobox").focus();
    await userEvent.keyboard("j");
    act(() => (document.activeElement as HTMLElement).blur());
    await userEvent.keyboard("{Control>}j{/Control}");
    const dialog = document.body.appendChild(document.createElement("div"));
    dialog.setAttribute("aria-modal", "true");
    await userEvent.keyboard("j");
    dialog.remove();
    expect(run).not.toHaveBeenCalled();
    await userEvent.keyboard("j");
    expect(run).toHaveBeenCalledOnce();
  });

  it("may be typed with AltGr, as / is on some keyboards", () => {
    const run = vi.fn();
    render(<Page run={run} />);
    fireEvent.keyDown(document.body, { key: "j", ctrlKey: true, altKey: true, modifierAltGraph: true });
    expect(run).toHaveBeenCalledOnce();
  });

  it("is turned off for this browser", async () => {
    const run = vi.fn();
    render(<Page run={run} />);
    await userEvent.click(screen.getByRole("button", { name: "on" }));
    await userEvent.keyboard("j");
    expect(run).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "off" }));
    await userEvent.keyboard("j");
    expect(run).toHaveBeenCalledOnce();
  });
});
