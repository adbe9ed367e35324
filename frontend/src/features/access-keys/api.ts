import { graphql } from "@/gql";

graphql(`
  fragment AccessKeyFields on AccessKey {
    id
    name
    visiblePart
    last4
    status
    createdAt
    createdBy
    expiresAt
    overlapEndsAt
    revokedAt
    lastUsedAt
    lastUsedAddress
    exposedAt
    addresses
    refusedAt
    refusedAddress
    baitSince
    baitUsedAt
    version
    replacedBy { id name }
  }
`);

export const AccessKeys = graphql(`
  query AccessKeys($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: AccessKeyFilter, $orderBy: AccessKeyOrder) {
    accessKeys(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges {
        node {
          ...AccessKeyFields
          clientProduct {
            id
            client { id name documentFormatted }
            product { id name }
          }
        }
      }
    }
  }
`);

export const CreateAccessKey = graphql(`
  mutation CreateAccessKey($input: CreateAccessKeyInput!) {
    createAccessKey(input: $input) {
      accessKey { ...AccessKeyFields }
      token
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RotateAccessKey = graphql(`
  mutation RotateAccessKey($input: RotateAccessKeyInput!) {
    rotateAccessKey(input: $input) {
      accessKey { ...AccessKeyFields }
      token
      replacedAccessKey { ...AccessKeyFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const UpdateAccessKey = graphql(`
  mutation UpdateAccessKey($input: UpdateAccessKeyInput!) {
    updateAccessKey(input: $input) {
      accessKey { ...AccessKeyFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const SetBait = graphql(`
  mutation SetBait($input: SetBaitInput!) {
    setBait(input: $input) {
      id
      baitSince
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RevokeAccessKey = graphql(`
  mutation RevokeAccessKey($input: RevokeAccessKeyInput!) {
    revokeAccessKey(input: $input) {
      accessKey { id status revokedAt }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const LeakedKey = graphql(`
  query LeakedKey($id: ID!, $since: Time) {
    node(id: $id) {
      __typename
      ... on AccessKey {
        ...AccessKeyFields
        clientProduct {
          id
          client { id name }
          product { id name }
        }
        readMarketplaces(since: $since) {
          marketplaceId
          count
          addressCount
          lastAt
          renewed
          afterRevocation
          marketplace { id provider description }
        }
      }
    }
  }
`);
