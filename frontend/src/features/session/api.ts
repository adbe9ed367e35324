import { graphql } from "@/gql";
import type { CreateFirstAdministratorInput, LoginInput } from "@/gql/graphql";
import { session } from "@/lib/session";
import { send } from "@/lib/transport";

const SetupRequired = graphql(`
  query SetupRequired {
    setupRequired
  }
`);

const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) { ...SessionFields }
  }
`);

const CreateFirstAdministrator = graphql(`
  mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {
    createFirstAdministrator(input: $input) { ...SessionFields }
  }
`);

/** Whether the portal still waits for its first administrator. */
export async function setupRequired(): Promise<boolean> {
  return (await send(SetupRequired, {})).setupRequired;
}

export async function login(input: LoginInput) {
  const payload = (await send(Login, { input }, { csrf: true })).login;
  session.establish(payload);
  return payload;
}

export async function createFirstAdministrator(input: CreateFirstAdministratorInput) {
  const payload = (await send(CreateFirstAdministrator, { input }, { csrf: true })).createFirstAdministrator;
  session.establish(payload);
  return payload;
}
