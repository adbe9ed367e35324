// Proves: 5.7
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { OperatorRole } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { accessKeyOf } from "@/test/accessKey";
import { logIn, stubApi } from "@/test/api";
import { renderInPage } from "@/test/render";
import { BaitBadge, BaitFact } from "./Bait";

const yesterday = new Date(Date.now() - 86_400_000).toISOString();

const show = (change: Parameters<typeof accessKeyOf>[0] = {}, role: OperatorRole = "ADMIN") => {
  logIn(role);
  const accessKey = accessKeyOf(change);
  return renderInPage(
    <>
      <BaitBadge of={accessKey} />
      <dl>
        <BaitFact kind="key" of={accessKey} />
      </dl>
    </>,
  );
};

beforeEach(() => changeLanguage("pt-BR"));

describe("bait", () => {
  it("is marked after an explanation, which warns where the key is in use", async () => {
    const api = stubApi({ SetBait: () => ({ setBait: { id: "key_1", baitSince: yesterday, userErrors: [] } }) });
    show({ lastUsedAt: yesterday });
    expect(screen.queryByText("Isca", { selector: ".mantine-Badge-label" })).toBeNull();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Marcar Retaguarda como isca" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Marcar Retaguarda como isca?" }));
    expect(dialog.getByText(/ninguém deveria usar/)).toBeVisible();
    expect(dialog.getByText(/O primeiro uso é um alarme/)).toBeVisible();
    expect(dialog.getByText(/já foi usada/)).toBeVisible();
    expect(api.of("SetBait")).toEqual([]);
    await user.click(dialog.getByRole("button", { name: "Marcar como isca" }));
    await waitFor(() => expect(api.of("SetBait")).toEqual([{ input: { id: "key_1", bait: true } }]));
  });

  it("is taken back", async () => {
    const api = stubApi({ SetBait: () => ({ setBait: { id: "key_1", baitSince: null, userErrors: [] } }) });
    show({ baitSince: yesterday, baitUsedAt: yesterday });
    expect(screen.getByText("Isca usada")).toBeVisible();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Tirar a isca de Retaguarda" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Tirar a isca de Retaguarda?" }));
    await user.click(dialog.getByRole("button", { name: "Tirar a isca" }));
    await waitFor(() => expect(api.of("SetBait")).toEqual([{ input: { id: "key_1", bait: false } }]));
  });

  it.each(["OPERATOR", "VIEWER"] as const)("is no matter of the role %s", (role) => {
    show({}, role);
    expect(screen.queryByText("Isca")).toBeNull();
    expect(screen.queryByRole("button")).toBeNull();
  });
});
