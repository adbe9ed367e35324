import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { FactsFieldsFragment, HistoryFieldsFragment, MarketplaceHealthState } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { formatMinutes, formatShare } from "@/lib/format";
import { logIn, stubApi } from "@/test/api";
import { renderInPage } from "@/test/render";
import { FactLine, FactList } from "./Facts";
import { HealthBar } from "./HealthBar";
import { ConnectionHistory } from "./HistoryLine";
import { endsOf, monthSearch, months } from "./month";

type Day = HistoryFieldsFragment["days"][number];

const day = (n: number, worst: MarketplaceHealthState | null, downMinutes = 0, incidentMinutes = 0): Day => ({
  begins: new Date(2026, 10, n).toISOString(),
  worst,
  downMinutes,
  incidentMinutes,
});

const facts = (change: Partial<FactsFieldsFragment> = {}): FactsFieldsFragment => ({
  availability: 0.9972,
  downMinutes: 120,
  incidentMinutes: 0,
  broke: 2,
  brokeInIncident: 0,
  meanMinutesToMend: 60,
  longestMinutes: 95,
  ...change,
});

beforeEach(async () => {
  await changeLanguage("pt-BR");
  logIn("VIEWER");
});

describe("the bar of days", () => {
  const days = [day(1, null), day(2, "CONNECTED"), day(3, "FAILING", 95, 60), day(4, "NEEDS_ATTENTION", 1440)];

  it("has a mark for each day, and says in words what it shows", () => {
    renderInPage(<HealthBar days={days} of="Vitrine" />);
    const bar = screen.getByRole("img", { name: "Vitrine: 3 dias com registro, 2 com falha" });
    expect([...bar.children].map((mark) => mark.getAttribute("data-state"))).toEqual([
      "UNKNOWN",
      "CONNECTED",
      "FAILING",
      "NEEDS_ATTENTION",
    ]);
    const legend = screen.getByRole("list", { name: "O que as marcas querem dizer" });
    expect(within(legend).getAllByRole("listitem")).toHaveLength(4);
  });

  it("lists the days on which something was wrong, for who cannot see it", () => {
    renderInPage(<HealthBar days={days} of="Vitrine" open />);
    const told = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
    expect(told).toContain("03/11/2026: Com falha, fora do ar por 1 h e 35 min, 1 h por incidente do marketplace");
    expect(told).toContain("04/11/2026: Precisa de atenção, fora do ar por 1 dia");
  });

  it("tells the day under the pointer", () => {
    renderInPage(<HealthBar days={days} of="Vitrine" />);
    const bar = screen.getByRole("img");
    bar.getBoundingClientRect = () => ({ left: 100, width: 400 }) as DOMRect;
    fireEvent.pointerMove(bar, { clientX: 150 });
    expect(screen.getByText("01/11/2026: Sem registro")).toBeVisible();
    fireEvent.pointerMove(bar, { clientX: 499 });
    expect(screen.queryByText("01/11/2026: Sem registro")).not.toBeInTheDocument();
    expect(screen.getByText(/^04\/11\/2026: Precisa de atenção/, { selector: ".health-day" })).toBeVisible();
    fireEvent.pointerLeave(bar);
    expect(screen.queryByText(/Precisa/, { selector: ".health-day" })).not.toBeInTheDocument();
  });

  it("hides a list that would be empty", () => {
    renderInPage(<HealthBar days={[day(1, "CONNECTED")]} of="Vitrine" />);
    expect(screen.queryByText(/com falha$/)).not.toBeInTheDocument();
  });
});

describe("the facts", () => {
  it("tell in a line how it worked, and tell incidents apart in the list", () => {
    renderInPage(
      <>
        <FactLine facts={facts()} />
        <FactList facts={facts({ incidentMinutes: 90, brokeInIncident: 1 })} />
      </>,
    );
    expect(
      screen.getByText(
        "Últimos 30 dias: disponível em 99,72% do tempo · parou 2 vezes · voltou em 1 h, em média · parada mais longa: 1 h e 35 min",
      ),
    ).toBeVisible();
    expect(screen.getByText("2 vezes (1 em incidente do marketplace)")).toBeVisible();
    expect(screen.getByText("2 h (1 h e 30 min por incidente do marketplace)")).toBeVisible();
  });

  it("say nothing of what was not measured", () => {
    const none = facts({ availability: null, broke: 0, downMinutes: 0, meanMinutesToMend: null, longestMinutes: 0 });
    renderInPage(<FactLine facts={none} />);
    expect(screen.getByText("Últimos 30 dias: nada a medir")).toBeVisible();
  });

  it("are calm where nothing broke", () => {
    const calm = facts({ availability: 1, broke: 0, downMinutes: 0, meanMinutesToMend: null, longestMinutes: 0 });
    renderInPage(<FactLine facts={calm} />);
    expect(screen.getByText("Últimos 30 dias: disponível em 100% do tempo · não parou nenhuma vez")).toBeVisible();
  });
});

describe("the history of a connection", () => {
  it("is read with those of its product in one request", async () => {
    const history = { from: "", to: "", facts: facts(), days: [day(1, "CONNECTED")] };
    const api = stubApi({
      ProductHistory: () => ({
        node: {
          marketplaces: [
            { id: "mkp_1", history },
            { id: "mkp_2", history },
          ],
        },
      }),
    });
    renderInPage(
      <>
        <ConnectionHistory clientProductId="cpr_1" marketplaceId="mkp_1" of="Vitrine" />
        <ConnectionHistory clientProductId="cpr_1" marketplaceId="mkp_2" of="Delivery" />
      </>,
    );
    expect(await screen.findByRole("img", { name: /^Delivery: 1 dias/ })).toBeVisible();
    expect(api.asked).toHaveLength(1);
  });
});

describe("the months", () => {
  it("go back as far as is kept, and have their ends in the viewer's zone", () => {
    const all = months(new Date(2026, 0, 31));
    expect(all).toHaveLength(13);
    expect([all[0], all[1], all.at(-1)]).toEqual(["2026-01", "2025-12", "2025-01"]);
    expect(endsOf("2026-11")).toEqual({
      from: new Date(2026, 10, 1).toISOString(),
      to: new Date(2026, 11, 1).toISOString(),
    });
  });

  it("are taken from the address in their own form only", () => {
    expect([monthSearch({ mes: "2026-11" }), monthSearch({ mes: "2026-13" }), monthSearch({ mes: 5 })]).toEqual([
      { mes: "2026-11" },
      { mes: undefined },
      { mes: undefined },
    ]);
  });
});

describe("times and shares", () => {
  it("have their two largest units, and are never rounded up", () => {
    expect([0, 35, 60, 95, 1440, 4500].map((minutes) => formatMinutes(minutes, "pt-BR"))).toEqual([
      "0 min",
      "35 min",
      "1 h",
      "1 h e 35 min",
      "1 dia",
      "3 dias e 3 h",
    ]);
    expect([1, 0.57, 0.99999, 0].map((share) => formatShare(share, "pt-BR"))).toEqual(["100%", "57%", "99,99%", "0%"]);
  });
});
