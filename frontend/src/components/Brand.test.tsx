import { screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { renderInPage } from "@/test/render";
import { Brand } from "./Brand";

/** Puts the name of the house into the page, as the server does. */
function serve(name: string) {
  const meta = document.createElement("meta");
  meta.name = "organization";
  meta.content = name;
  document.head.append(meta);
}

afterEach(() => document.querySelector('meta[name="organization"]')?.remove());

describe("the name of the software house", () => {
  it("is shown beside the product's", () => {
    serve("Softhouse <Açaí>");
    renderInPage(<Brand />);
    expect(screen.getByText("Chaveiro")).toBeVisible();
    expect(screen.getByText("Softhouse <Açaí>")).toBeVisible();
  });

  it.each(["", "__ORGANIZATION__"])("is left out where the page has %j", (name) => {
    serve(name);
    renderInPage(<Brand />);
    expect(screen.getByText("Chaveiro")).toBeVisible();
    expect(screen.queryByText(/ORGANIZATION/)).toBeNull();
    expect(screen.queryByTitle(/.*/)).toBeNull();
  });
});
