import { graphql } from "@/gql";

graphql(`
  fragment PasskeyFields on Passkey {
    id
    name
    createdAt
    lastUsedAt
  }
`);

graphql(`
  fragment OperatorSessionFields on OperatorSession {
    id
    browser
    address
    lastBrowser
    lastAddress
    movedAt
    createdAt
    lastUsedAt
    expiresAt
    current
  }
`);

graphql(`
  fragment OwnAccountFields on Account {
    operator { id name email role hasSecondFactor version }
    totpSince
    recoveryCodesLeft
    passkeys { ...PasskeyFields }
    sessions { ...OperatorSessionFields }
    secondFactorRequired
    minPasswordLength
  }
`);

graphql(`
  fragment AccountResult on AccountPayload {
    account { ...OwnAccountFields }
    userErrors { ...UserErrorFields }
  }
`);

graphql(`
  fragment SecondFactorResult on SecondFactorPayload {
    account { ...OwnAccountFields }
    recoveryCodes
    userErrors { ...UserErrorFields }
  }
`);

export const OwnAccount = graphql(`
  query OwnAccount {
    account { ...OwnAccountFields }
  }
`);

graphql(`
  fragment AccountChangeFields on AccountChange {
    id
    at
    by
    address
    action
    fields { field old new }
  }
`);

export const AccountChanges = graphql(`
  query AccountChanges {
    account { changes { ...AccountChangeFields } }
  }
`);

export const OwnSecondFactor = graphql(`
  query OwnSecondFactor {
    viewer { id hasSecondFactor }
  }
`);

export const UpdateAccount = graphql(`
  mutation UpdateAccount($input: UpdateAccountInput!) {
    updateAccount(input: $input) { ...AccountResult }
  }
`);

export const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) { ...AccountResult }
  }
`);

export const BeginTotp = graphql(`
  mutation BeginTotp {
    beginTotp { ticket seed address picture }
  }
`);

export const ConfirmTotp = graphql(`
  mutation ConfirmTotp($input: ConfirmTotpInput!) {
    confirmTotp(input: $input) { ...SecondFactorResult }
  }
`);

export const RemoveTotp = graphql(`
  mutation RemoveTotp {
    removeTotp { ...AccountResult }
  }
`);

export const CreateRecoveryCodes = graphql(`
  mutation CreateRecoveryCodes {
    createRecoveryCodes { ...SecondFactorResult }
  }
`);

export const BeginPasskeyRegistration = graphql(`
  mutation BeginPasskeyRegistration {
    beginPasskeyRegistration { ticket options }
  }
`);

export const AddPasskey = graphql(`
  mutation AddPasskey($input: AddPasskeyInput!) {
    addPasskey(input: $input) { ...SecondFactorResult }
  }
`);

export const RemovePasskey = graphql(`
  mutation RemovePasskey($input: RemovePasskeyInput!) {
    removePasskey(input: $input) { ...AccountResult }
  }
`);

export const EndSession = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) { ...AccountResult }
  }
`);

export const EndOtherSessions = graphql(`
  mutation EndOtherSessions {
    endOtherSessions { ...AccountResult }
  }
`);
