import { vi } from "vitest";
import type { OperatorRole } from "@/gql/graphql";
import { session } from "@/lib/session";

type Answers = Record<string, (variables: Record<string, unknown>) => unknown>;

class Refusal {
  readonly code: string;

  constructor(code: string, extensions: object) {
    this.code = code;
    Object.assign(this, extensions);
  }
}

/** The answer of a server that refuses, with the error's code and what else it says. */
export const refused = (code: string, extensions: object = {}) => new Refusal(code, extensions);

/** Answers requests by the name of their operation. Gives what was asked, in order. */
export function stubApi(answers: Answers) {
  const asked: { name: string; variables: Record<string, unknown> }[] = [];
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    const { query, variables = {} } = JSON.parse(String(init.body));
    const name = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "";
    asked.push({ name, variables });
    const answer = answers[name];
    if (!answer) throw new Error(`nobody answers ${name}`);
    const data = answer(variables);
    const body =
      data instanceof Refusal ? { data: null, errors: [{ message: data.code, extensions: data }] } : { data };
    return new Response(JSON.stringify(body), {
      headers: { "Content-Type": "application/json" },
    });
  });
  return { asked, of: (name: string) => asked.filter((one) => one.name === name).map(({ variables }) => variables) };
}

/** Logs somebody in, as far as the page can tell. */
export function logIn(role: OperatorRole) {
  session.establish({
    accessToken: "token",
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
    operator: { id: "opr_1", name: "Marina", email: "marina@example.com", role },
    userErrors: [],
  });
}
