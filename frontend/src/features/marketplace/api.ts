import { graphql } from "@/gql";

graphql(`
  fragment SecretFields on SecretState {
    setAt
    setBy
    expiresAt
    fingerprint
  }
`);

graphql(`
  fragment MarketplaceFields on Marketplace {
    id
    provider
    description
    createdAt
    updatedAt
    health { state reason message since lastCheckedAt }
    config {
      __typename
      ... on MeuCarrinhoConfig {
        username
        password { ...SecretFields }
      }
      ... on NuvemshopConfig {
        storeUrl
        storeId
        accessToken { ...SecretFields }
      }
      ... on Plug4MarketConfig {
        accessToken { ...SecretFields }
        refreshToken { ...SecretFields }
      }
      ... on ShowKaseConfig {
        token { ...SecretFields }
      }
    }
  }
`);

export const AddMarketplace = graphql(`
  mutation AddMarketplace($input: AddMarketplaceInput!) {
    addMarketplace(input: $input) {
      marketplace { ...MarketplaceFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const UpdateMarketplace = graphql(`
  mutation UpdateMarketplace($input: UpdateMarketplaceInput!) {
    updateMarketplace(input: $input) {
      marketplace { ...MarketplaceFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RemoveMarketplace = graphql(`
  mutation RemoveMarketplace($input: RemoveMarketplaceInput!) {
    removeMarketplace(input: $input) {
      clientProduct { id nextStep }
      userErrors { ...UserErrorFields }
    }
  }
`);
