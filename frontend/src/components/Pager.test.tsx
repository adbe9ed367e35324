import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { renderInPage } from "@/test/render";
import { Pager } from "./Pager";

const pageInfo = { hasNextPage: true, hasPreviousPage: true, startCursor: "a", endCursor: "z" };

it("turns the pages of the list that is shown", async () => {
  const onGo = vi.fn();
  renderInPage(<Pager pageInfo={pageInfo} stale={false} onGo={onGo} />);
  for (const button of screen.getAllByRole("button")) await userEvent.click(button);
  expect(onGo.mock.calls).toEqual([[{}], [{ before: "a" }], [{ after: "z" }]]);
});

it("turns nothing while another list is awaited: a place of the old one would skip rows of the new", async () => {
  const onGo = vi.fn();
  renderInPage(<Pager pageInfo={pageInfo} stale onGo={onGo} />);
  for (const button of screen.getAllByRole("button")) {
    expect(button).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(button);
  }
  expect(onGo).not.toHaveBeenCalled();
});
