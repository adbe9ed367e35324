import { graphql } from "@/gql";

graphql(`
  fragment NoticeFields on ProviderNotice {
    id
    provider
    topic
    accountId
    createdAt
    provenAt
    marketplace { id description clientProduct { id client { id name } } }
  }
`);

export const ProviderNotices = graphql(`
  query ProviderNotices {
    providerNotices { ...NoticeFields }
  }
`);

export const CloseProviderNotice = graphql(`
  mutation CloseProviderNotice($input: CloseProviderNoticeInput!) {
    closeProviderNotice(input: $input) {
      id
      userErrors { ...UserErrorFields }
    }
  }
`);
