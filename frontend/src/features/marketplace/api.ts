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
  fragment AccountFields on MarketplaceAccount {
    id
    name
    document
    matchesClient
    isBranch
  }
`);

graphql(`
  fragment MarketplaceFields on Marketplace {
    id
    provider
    description
    createdAt
    updatedAt
    version
    renewedAt
    unreadAnswerUntil
    providerMessage
    technicalDetail
    health { state reason message since lastCheckedAt nextCheckAt }
    account { ...AccountFields }
    installLink { id createdBy expiresAt }
    config { ...ConfigFields }
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

export const ConnectMarketplace = graphql(`
  mutation ConnectMarketplace($input: ConnectMarketplaceInput!) {
    connectMarketplace(input: $input) {
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

export const ConfirmShop = graphql(`
  mutation ConfirmShop($input: ConfirmMarketplaceShopInput!) {
    confirmMarketplaceShop(input: $input) {
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

graphql(`
  fragment MarketplaceTestFields on MarketplaceTest {
    outcome
    message
    providerMessage
    technicalDetail
    identityWarning
    account { ...AccountFields }
  }
`);

export const TestMarketplaceConfig = graphql(`
  mutation TestMarketplaceConfig($input: TestMarketplaceConfigInput!) {
    testMarketplaceConfig(input: $input) {
      result { ...MarketplaceTestFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const TestMarketplace = graphql(`
  mutation TestMarketplace($input: TestMarketplaceInput!) {
    testMarketplace(input: $input) {
      result { ...MarketplaceTestFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const ProviderStatuses = graphql(`
  query ProviderStatuses {
    providers { provider configured message installable testable mintable panelUrl }
  }
`);
