// Proves: 5.4
import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { changeLanguage } from "@/i18n";
import { accessKeyOf } from "@/test/accessKey";
import { renderInPage } from "@/test/render";
import { isExposed, isIdle, LastUse } from "./KeyStatus";

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const key = (change: Partial<AccessKeyFieldsFragment>) => accessKeyOf({ createdAt: daysAgo(400), ...change });

beforeEach(() => changeLanguage("pt-BR"));

describe("a key that nobody uses", () => {
  it("is one that works and was not used for 90 days, or never since it was made then", () => {
    expect(isIdle(key({}))).toBe(true);
    expect(isIdle(key({ lastUsedAt: daysAgo(91) }))).toBe(true);
    expect(isIdle(key({ lastUsedAt: daysAgo(89) }))).toBe(false);
    expect(isIdle(key({ createdAt: daysAgo(1) }))).toBe(false);
    expect(isIdle(key({ status: "REVOKED" }))).toBe(false);
  });

  it("is flagged on screen", () => {
    renderInPage(<LastUse accessKey={key({})} />);
    expect(screen.getByText("Sem uso há mais de 90 dias")).toBeVisible();
  });
});

describe("a key that others could read", () => {
  it("is flagged for as long as it works", () => {
    expect(isExposed(key({}))).toBe(false);
    expect(isExposed(key({ exposedAt: daysAgo(1), status: "REVOKED" }))).toBe(false);
    renderInPage(<LastUse accessKey={key({ exposedAt: daysAgo(1), lastUsedAt: daysAgo(1) })} />);
    expect(screen.getByText("Exposta em URL, cookie ou corpo: renove")).toBeVisible();
  });
});
