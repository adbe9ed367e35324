import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { IncidentFieldsFragment, Provider } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { IncidentBanner } from "./IncidentBanner";
import { IncidentHistory } from "./IncidentHistory";

const today = new Date();
today.setHours(10, 14, 0, 0);

const incident = (change: Partial<IncidentFieldsFragment> = {}): IncidentFieldsFragment => ({
  id: "inc_1",
  provider: "MEU_CARRINHO",
  openedAt: today.toISOString(),
  closedAt: null,
  affected: 812,
  connections: 10_000,
  evidence: "UNREACHABLE: 812; SOMETHING_NEW: 3",
  ...change,
});

const listed = (incidents: IncidentFieldsFragment[], totalCount = incidents.length) => ({
  providerIncidents: { totalCount, edges: incidents.map((node) => ({ node })) },
});

function banner(incidents: IncidentFieldsFragment[], of?: Provider[]) {
  const api = stubApi({ OpenIncidents: () => listed(incidents) });
  renderInRouter(<IncidentBanner of={of} />);
  return api;
}

beforeEach(async () => {
  await changeLanguage("pt-BR");
  logIn("VIEWER");
});

describe("the banner of incidents", () => {
  it("is one, says since when and how many, and that it is not the shop", async () => {
    banner([incident(), incident({ id: "inc_2", provider: "SHOWKASE", affected: 3, connections: 4 })]);
    const note = await screen.findByRole("note");
    expect(note).toHaveTextContent("Meu Carrinho está com problema desde 10:14: 812 de 10.000 conexões.");
    expect(note).toHaveTextContent("ShowKase está com problema desde 10:14: 3 de 4 conexões.");
    expect(note).toHaveTextContent("O portal tenta de novo sozinho; não é a loja.");
    expect(screen.getAllByRole("note")).toHaveLength(1);
  });

  it("says the day where it was not opened today", async () => {
    banner([incident({ openedAt: "2026-11-01T15:00:00Z" })]);
    expect(await screen.findByRole("note")).toHaveTextContent(/desde 01\/11\/2026, \d\d:00/);
  });

  it("is not shown without an incident", async () => {
    const api = banner([]);
    await waitFor(() => expect(api.of("OpenIncidents")).toHaveLength(1));
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
  });

  it("of a client's product tells of its own providers only", async () => {
    banner([incident()], ["PLUG4MARKET"]);
    await waitFor(() => expect(screen.getByRole("status")).toBeInTheDocument());
    expect(screen.queryByRole("note")).not.toBeInTheDocument();
  });
});

describe("the history of incidents", () => {
  it("has each with its time, how many and the evidence, and asks for the earlier ones", async () => {
    const over = incident({ id: "inc_0", closedAt: new Date(today.getTime() + 3_600_000).toISOString() });
    const api = stubApi({ IncidentHistory: () => listed([incident(), over], 7) });
    renderInRouter(<IncidentHistory />);
    expect(await screen.findByText("Em curso")).toBeVisible();
    const [first, second] = screen.getAllByRole("listitem");
    expect(first).toHaveTextContent(/10:14 · 812 de 10\.000 conexões/);
    expect(first).toHaveTextContent("O marketplace não respondeu: 812; SOMETHING_NEW: 3");
    expect(second).toHaveTextContent(/10:14 até .*11:14/);
    await userEvent.click(screen.getByRole("button", { name: "Mostrar os anteriores" }));
    await waitFor(() => expect(api.of("IncidentHistory")).toEqual([{ first: 5 }, { first: 100 }]));
  });

  it("says that there was none", async () => {
    stubApi({ IncidentHistory: () => listed([]) });
    renderInRouter(<IncidentHistory />);
    expect(await screen.findByText("Nenhum incidente até agora")).toBeVisible();
  });
});
