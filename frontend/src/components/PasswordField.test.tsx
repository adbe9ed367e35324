import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInPage } from "@/test/render";
import { PasswordField } from "./PasswordField";
import { SecretField } from "./SecretField";

describe("a field for what is not shown as it is typed", () => {
  it.each([
    ["the own password", <PasswordField key="own" label="Senha" autoComplete="current-password" error="Errada" />],
    ["a secret of somebody else", <SecretField key="other" label="Senha" error="Errada" />],
  ])("says to a screen reader that %s is wrong, and why", (_, field) => {
    renderInPage(field);
    const input = screen.getByLabelText(/^Senha/);
    expect(input).toBeInvalid();
    expect(input).toHaveAccessibleDescription("Errada");
  });

  it("says of no mistake where there is none", () => {
    renderInPage(<SecretField label="Senha" />);
    expect(screen.getByLabelText(/^Senha/)).toBeValid();
  });
});
