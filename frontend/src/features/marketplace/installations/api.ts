import { graphql } from "@/gql";

graphql(`
  fragment UnclaimedFields on UnclaimedInstallation {
    id
    provider
    createdAt
    account { ...AccountFields }
    suggestedClient { id name documentFormatted }
  }
`);

export const UnclaimedInstallations = graphql(`
  query UnclaimedInstallations {
    unclaimedInstallations { ...UnclaimedFields }
  }
`);

/** The clients that a search finds, to choose one from. */
export const ChooseClient = graphql(`
  query ChooseClient($search: String) {
    clients(search: $search, first: 8) {
      edges { node { id name documentFormatted } }
    }
  }
`);

/** Where an installation of a client can go. */
export const InstallationTargets = graphql(`
  query InstallationTargets($clientId: ID!) {
    client(id: $clientId) {
      id
      products {
        id
        suspendedAt
        product { id name capabilities }
        marketplaces { id provider description health { reason } }
      }
    }
  }
`);

export const AttachInstallation = graphql(`
  mutation AttachInstallation($input: AttachInstallationInput!) {
    attachInstallation(input: $input) {
      marketplace { id clientProduct { id client { id } } }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const DiscardInstallation = graphql(`
  mutation DiscardInstallation($input: DiscardInstallationInput!) {
    discardInstallation(input: $input) {
      id
      userErrors { ...UserErrorFields }
    }
  }
`);
