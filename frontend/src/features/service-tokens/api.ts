import { graphql } from "@/gql";

graphql(`
  fragment ServiceTokenFields on ServiceToken {
    id
    name
    role
    scopes
    addresses
    visiblePart
    last4
    createdAt
    createdBy
    expiresAt
    revokedAt
    lastUsedAt
    lastUsedAddress
    exposedAt
  }
`);

export const ServiceTokens = graphql(`
  query ServiceTokens($first: Int, $after: String, $last: Int, $before: String) {
    serviceTokens(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { ...ServiceTokenFields } }
    }
  }
`);

export const CreateServiceToken = graphql(`
  mutation CreateServiceToken($input: CreateServiceTokenInput!) {
    createServiceToken(input: $input) {
      serviceToken { ...ServiceTokenFields }
      token
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RevokeServiceToken = graphql(`
  mutation RevokeServiceToken($input: RevokeServiceTokenInput!) {
    revokeServiceToken(input: $input) {
      serviceToken { ...ServiceTokenFields }
      userErrors { ...UserErrorFields }
    }
  }
`);
