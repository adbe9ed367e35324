// Proves: 2.8
import { act, screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { changeLanguage } from "@/i18n";
import { type Proof, stepUp } from "@/lib/stepUp";
import { logIn, stubApi } from "@/test/api";
import { renderInPage } from "@/test/render";
import { StepUpDialog } from "./StepUpDialog";

async function asked(proof: Proof, { app, passkeys = 0 }: { app: boolean; passkeys?: number }) {
  logIn("OPERATOR");
  stubApi({
    ProofMethods: () => ({
      account: {
        totpSince: app ? "2026-11-01T12:00:00Z" : null,
        passkeys: Array.from({ length: passkeys }, (_, n) => ({ id: `psk_${n}` })),
        operator: { id: "opr_1", hasSecondFactor: app || passkeys > 0 },
      },
    }),
  });
  renderInPage(<StepUpDialog />);
  act(() => void stepUp.ask(proof).catch(() => undefined));
  await screen.findByRole("dialog", { name: "Confirme que é você" });
}

beforeEach(async () => {
  await changeLanguage("pt-BR");
  stepUp.cancel();
});

describe("the question who is at the keyboard", () => {
  it("takes the password of whoever has no second factor", async () => {
    await asked("recent", { app: false });
    expect(await screen.findByLabelText(/^Senha/)).toBeVisible();
  });

  it("takes the second factor of whoever has one, and not the password alone", async () => {
    await asked("recent", { app: true });
    expect(await screen.findByLabelText(/^Código de 6/)).toBeVisible();
    expect(screen.queryByLabelText(/^Senha/)).not.toBeInTheDocument();
  });

  it("takes the password for a change of what one logs in with, and no code", async () => {
    await asked("presence", { app: true });
    expect(await screen.findByLabelText(/^Senha/)).toBeVisible();
    expect(screen.queryByLabelText(/^Código de 6/)).not.toBeInTheDocument();
  });

  it("says how to go on where the one passkey cannot be used", async () => {
    await asked("recent", { app: false, passkeys: 1 });
    expect(await screen.findByText(/Saia e entre de novo/)).toBeVisible();
    expect(screen.queryByLabelText(/^Senha/)).not.toBeInTheDocument();
  });
});
