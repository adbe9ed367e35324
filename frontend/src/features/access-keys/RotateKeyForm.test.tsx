// Proves: 5.4
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { dayAhead, endOfDay } from "@/lib/day";
import { accessKeyOf, keyClient } from "@/test/accessKey";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { AccessKeySection } from "./AccessKeySection";

/** Opens the dialog that renews a key. */
async function open(change: Partial<AccessKeyFieldsFragment>) {
  logIn("OPERATOR");
  const accessKey = accessKeyOf(change);
  const api = stubApi({
    RotateAccessKey: () => ({
      rotateAccessKey: { accessKey: null, token: null, replacedAccessKey: null, userErrors: [] },
    }),
  });
  renderInRouter(
    <AccessKeySection
      id="chaves"
      clientProductId="cpr_1"
      accessKeys={[accessKey]}
      client={keyClient}
      marketplaces={[]}
    />,
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Renovar a chave Retaguarda" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Renovar a chave Retaguarda de Padaria" }));
  await dialog.findByRole("button", { name: "Renovar" });
  const sent = async () => {
    await user.click(dialog.getByRole("button", { name: "Renovar" }));
    await waitFor(() => expect(api.of("RotateAccessKey")).toHaveLength(1));
    return (api.of("RotateAccessKey")[0] as { input: Record<string, unknown> }).input;
  };
  return { user, dialog, sent };
}

const ends = { expiresAt: "2031-05-04T12:00:00.000Z" };

beforeEach(() => changeLanguage("pt-BR"));

describe("renewing a key", () => {
  it("keeps its end when nothing else is chosen", async () => {
    const { sent } = await open(ends);
    expect(await sent()).not.toHaveProperty("expiresAt");
  });

  it("shows the end, and who used the key last", async () => {
    const { dialog } = await open({ ...ends, lastUsedAt: new Date().toISOString(), lastUsedAddress: "203.0.113.7" });
    expect(dialog.getByText("203.0.113.7")).toBeVisible();
    expect(dialog.getByText(/2031/)).toBeVisible();
  });

  it("takes the end away on purpose only, and with a warning", async () => {
    const { user, dialog, sent } = await open(ends);
    expect(dialog.queryByText(/só para de funcionar quando alguém a revogar/)).toBeNull();
    await user.click(dialog.getByRole("radio", { name: "Sem validade" }));
    expect(dialog.getByText(/só para de funcionar quando alguém a revogar/)).toBeVisible();
    expect(await sent()).toHaveProperty("expiresAt", null);
  });

  it("takes another day, which has to be named", async () => {
    const { user, dialog, sent } = await open({});
    expect(dialog.getByRole("radio", { name: "Sem validade, como a atual" })).toBeChecked();
    await user.click(dialog.getByRole("radio", { name: "Até outra data" }));
    await user.type(dialog.getByLabelText(/Validade/), dayAhead(30));
    expect(await sent()).toHaveProperty("expiresAt", endOfDay(dayAhead(30)));
  });
});
