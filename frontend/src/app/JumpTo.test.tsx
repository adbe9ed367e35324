import { spotlight } from "@mantine/spotlight";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { logIn, stubApi } from "@/test/api";
import { renderInRouter } from "@/test/render";
import { JumpTo } from "./JumpTo";

const client = (id: string, name: string) => ({
  node: { id, name, tradeName: null, documentFormatted: "33.000.167/0001-01" },
});

it("offers no client that an earlier text has found: Enter would jump to the wrong one", async () => {
  const api = stubApi({
    FindClients: ({ search }) => ({
      clients: { edges: [search === "padaria" ? client("cli_1", "Padaria") : client("cli_2", "Mercado")] },
    }),
  });
  logIn("VIEWER");
  renderInRouter(<JumpTo />);
  await waitFor(() => {
    act(() => spotlight.open());
    expect(screen.getByRole("dialog")).toBeInTheDocument();
  });
  const field = screen.getByPlaceholderText(/./);
  fireEvent.change(field, { target: { value: "padaria" } });
  await screen.findByText("Padaria");
  fireEvent.change(field, { target: { value: "mercado" } });
  expect(screen.queryByText("Padaria")).toBeNull();
  await screen.findByText("Mercado");
  expect(screen.queryByText("Padaria")).toBeNull();
  expect(api.of("FindClients")).toEqual([{ search: "padaria" }, { search: "mercado" }]);
});
