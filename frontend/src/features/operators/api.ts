import { graphql } from "@/gql";

graphql(`
  fragment OperatorFields on Operator {
    id
    name
    email
    role
    status
    hasSecondFactor
    lastLoginAt
    version
  }
`);

graphql(`
  fragment OperatorResult on OperatorPayload {
    operator { ...OperatorFields }
    userErrors { ...UserErrorFields }
  }
`);

graphql(`
  fragment OperatorLinkResult on OperatorLinkPayload {
    operator { ...OperatorFields }
    link
    linkExpiresAt
    userErrors { ...UserErrorFields }
  }
`);

export const Operators = graphql(`
  query Operators($first: Int, $after: String, $last: Int, $before: String) {
    operators(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { ...OperatorFields } }
    }
  }
`);

export const InviteOperator = graphql(`
  mutation InviteOperator($input: InviteOperatorInput!) {
    inviteOperator(input: $input) { ...OperatorLinkResult }
  }
`);

export const CreatePasswordLink = graphql(`
  mutation CreatePasswordLink($input: OperatorInput!) {
    createPasswordLink(input: $input) { ...OperatorLinkResult }
  }
`);

export const UpdateOperator = graphql(`
  mutation UpdateOperator($input: UpdateOperatorInput!) {
    updateOperator(input: $input) { ...OperatorResult }
  }
`);

export const DisableOperator = graphql(`
  mutation DisableOperator($input: DisableOperatorInput!) {
    disableOperator(input: $input) { ...OperatorResult }
  }
`);

export const EnableOperator = graphql(`
  mutation EnableOperator($input: OperatorInput!) {
    enableOperator(input: $input) { ...OperatorResult }
  }
`);

export const EndOperatorSessions = graphql(`
  mutation EndOperatorSessions($input: OperatorInput!) {
    endOperatorSessions(input: $input) { ...OperatorResult }
  }
`);

export const RemoveSecondFactor = graphql(`
  mutation RemoveSecondFactor($input: OperatorInput!) {
    removeSecondFactor(input: $input) { ...OperatorResult }
  }
`);
