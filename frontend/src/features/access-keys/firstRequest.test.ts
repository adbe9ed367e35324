import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { Provider } from "@/gql/graphql";
import { firstRequest, integrationQuery } from "./firstRequest";

describe("the ready request", () => {
  it("asks the API for the credentials of every provider", () => {
    const schema = readdirSync("../graph")
      .filter((file) => file.endsWith(".graphql"))
      .map((file) => readFileSync(`../graph/${file}`, "utf8"));
    expect(validate(buildSchema(schema.join("\n")), parse(integrationQuery))).toEqual([]);
    expect(integrationQuery.match(/\.\.\. on \w+Credentials \{/g)).toHaveLength(Object.keys(Provider).length);
  });

  it("is one line that both kinds of shell read the same", () => {
    const line = firstRequest("https://portal.example", "chv_live_x");
    expect(line).not.toMatch(/[\n'$`!%]/);
    const body = /-d "(.*)"$/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? "";
    expect(JSON.parse(body).query).toContain("integration {");
  });
});
