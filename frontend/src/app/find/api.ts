import { graphql } from "@/gql";

graphql(`
  fragment FoundClient on Client {
    id
    name
    tradeName
    documentFormatted
    archivedAt
    products {
      id
      suspendedAt
      product { id capabilities }
      marketplaces { id health { state reason } }
    }
  }
`);

graphql(`
  fragment FoundMarketplace on Marketplace {
    id
    provider
    description
    health { state reason }
    clientProduct { id client { id name } }
  }
`);

graphql(`
  fragment FoundAccessKey on AccessKey {
    id
    name
    visiblePart
    last4
    status
    lastUsedAt
    expiresAt
    baitSince
    clientProduct { id client { id name archivedAt } }
  }
`);

/** What a text is about. */
export const Find = graphql(`
  query Find($text: String!) {
    find(text: $text) {
      clients { more nodes { ...FoundClient } }
      marketplaces { more nodes { ...FoundMarketplace } }
      accessKeys { more nodes { ...FoundAccessKey } }
      operators { more nodes { id name email status } }
      serviceTokens { more nodes { id name visiblePart last4 expiresAt revokedAt } }
    }
  }
`);

/** What was opened lately. What is gone meanwhile is null. */
export const Recents = graphql(`
  query Recents($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ...FoundClient
      ...FoundMarketplace
      ...FoundAccessKey
    }
  }
`);
