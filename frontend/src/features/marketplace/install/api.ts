import { graphql } from "@/gql";

export const StartInstall = graphql(`
  mutation StartInstall($input: StartInstallInput!) {
    startInstall(input: $input) {
      authorizeUrl
      expiresAt
      userErrors { ...UserErrorFields }
    }
  }
`);

export const CreateInstallLink = graphql(`
  mutation CreateInstallLink($input: CreateInstallLinkInput!) {
    createInstallLink(input: $input) {
      url
      marketplace { id installLink { id createdBy expiresAt } }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RevokeInstallLink = graphql(`
  mutation RevokeInstallLink($input: RevokeInstallLinkInput!) {
    revokeInstallLink(input: $input) {
      marketplace { id installLink { id } }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const InstallOwner = graphql(`
  query InstallOwner($id: ID!) {
    client(id: $id) { name }
  }
`);
