import { expect, it } from "vitest";
import { forgetKept, memoryStorage } from "./memory";

it("keeps what GraphiQL stores in the page alone", () => {
  localStorage.clear();
  const storage = memoryStorage();
  storage.setItem("graphiql:query", "{ clients { totalCount } }");
  storage.setItem("graphiql:theme", "dark");
  expect(storage.getItem("graphiql:query")).toBe("{ clients { totalCount } }");
  expect([storage.length, storage.key(1), storage.key(2)]).toEqual([2, "graphiql:theme", null]);
  storage.removeItem("graphiql:theme");
  expect([storage.length, storage.getItem("graphiql:theme")]).toEqual([1, null]);
  expect({ ...localStorage, ...sessionStorage }).toEqual({});
  expect(memoryStorage().length).toBe(0);
  storage.clear();
  expect(storage.length).toBe(0);
});

it("removes what was kept before, and nothing else", () => {
  localStorage.clear();
  localStorage.setItem("graphiql:query", "{ clients { totalCount } }");
  localStorage.setItem("graphiql:tabState", "{}");
  localStorage.setItem("chaveiro.language", "en");
  forgetKept();
  expect({ ...localStorage }).toEqual({ "chaveiro.language": "en" });
});
