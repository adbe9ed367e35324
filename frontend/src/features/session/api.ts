import { graphql } from "@/gql";
import type {
  CompleteLoginInput,
  CreateFirstAdministratorInput,
  LoginInput,
  ReauthenticateInput,
  SessionFieldsFragment,
  SetPasswordInput,
} from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { session } from "@/lib/session";
import { send } from "@/lib/transport";

const SetupRequired = graphql(`
  query SetupRequired {
    setupRequired
  }
`);

graphql(`
  fragment SecondFactorFields on SecondFactorRequest {
    ticket
    methods
    passkeyOptions
    passkeysMadeAt
  }
`);

const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }
  }
`);

const CompleteLogin = graphql(`
  mutation CompleteLogin($input: CompleteLoginInput!) {
    completeLogin(input: $input) { ...SessionFields }
  }
`);

const BeginPasskeyLogin = graphql(`
  mutation BeginPasskeyLogin {
    beginPasskeyLogin { ticket options }
  }
`);

const PasswordLink = graphql(`
  query PasswordLink($link: String!) {
    passwordLink(link: $link) { purpose name email minLength }
  }
`);

const SetPassword = graphql(`
  mutation SetPassword($input: SetPasswordInput!) {
    setPassword(input: $input) { ...SessionFields secondFactor { ...SecondFactorFields } }
  }
`);

const CreateFirstAdministrator = graphql(`
  mutation CreateFirstAdministrator($input: CreateFirstAdministratorInput!) {
    createFirstAdministrator(input: $input) { ...SessionFields }
  }
`);

export const ProofMethods = graphql(`
  query ProofMethods {
    account { totpSince passkeys { id } operator { id hasSecondFactor } }
  }
`);

const Reauthenticate = graphql(`
  mutation Reauthenticate($input: ReauthenticateInput!) {
    reauthenticate(input: $input) { ...SessionFields }
  }
`);

const BeginPasskeyReauthentication = graphql(`
  mutation BeginPasskeyReauthentication {
    beginPasskeyReauthentication { ticket options }
  }
`);

/** Takes the session of an answer that has one, and passes the answer on. */
function establish<P extends SessionFieldsFragment>(payload: P): P {
  session.establish(payload);
  return payload;
}

/** Whether the portal still waits for its first administrator. */
export const setupRequired = async () => (await send(SetupRequired, {})).setupRequired;

export const login = async (input: LoginInput) => establish((await send(Login, { input }, { cookies: true })).login);

export const completeLogin = async (input: CompleteLoginInput) =>
  establish((await send(CompleteLogin, { input }, { cookies: true })).completeLogin);

export const beginPasskeyLogin = async () => (await send(BeginPasskeyLogin, {})).beginPasskeyLogin;

export const passwordLink = async (link: string) => (await send(PasswordLink, { link })).passwordLink;

export const setPassword = async (input: SetPasswordInput) =>
  establish((await send(SetPassword, { input }, { cookies: true })).setPassword);

export const createFirstAdministrator = async (input: CreateFirstAdministratorInput) =>
  establish((await send(CreateFirstAdministrator, { input }, { cookies: true })).createFirstAdministrator);

/** Proves again who is at the keyboard. */
export const reauthenticate = async (input: ReauthenticateInput) =>
  establish((await request(Reauthenticate, { input })).reauthenticate);

export const beginPasskeyReauthentication = async () =>
  (await request(BeginPasskeyReauthentication, {})).beginPasskeyReauthentication;
