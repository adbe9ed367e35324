import { graphql } from "@/gql";

export const Clients = graphql(`
  query Clients($first: Int, $after: String, $last: Int, $before: String, $search: String, $filter: ClientFilter, $orderBy: ClientOrder) {
    clients(first: $first, after: $after, last: $last, before: $before, search: $search, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges {
        node {
          id
          name
          tradeName
          documentFormatted
          createdAt
          archivedAt
          baitSince
          products {
            id
            suspendedAt
            nextStep
            product { id name }
            marketplaces { id provider health { state reason } }
          }
        }
      }
    }
  }
`);

export const FindClients = graphql(`
  query FindClients($search: String!) {
    clients(search: $search, first: 8) {
      edges { node { id name tradeName documentFormatted } }
    }
  }
`);

/** Who has a document: at most one client, archived or not. */
export const ClientOfDocument = graphql(`
  query ClientOfDocument($document: String!) {
    active: clients(search: $document, first: 2) {
      edges { node { id name document } }
    }
    archived: clients(search: $document, first: 2, filter: { archived: true }) {
      edges { node { id name document } }
    }
  }
`);

export const TagsInUse = graphql(`
  query TagsInUse {
    tagsInUse(first: 100) { tag clients }
  }
`);

export const Client = graphql(`
  query Client($id: ID!) {
    client(id: $id) {
      ...ClientFields
      products {
        id
        suspendedAt
        nextStep
        backOfficeLastCallAt
        product { id name capabilities }
        marketplaces { id provider description health { state reason } }
        accessKeys { ...AccessKeyFields }
      }
    }
  }
`);

graphql(`
  fragment ClientFields on Client {
    id
    name
    tradeName
    document
    documentFormatted
    documentKind
    createdAt
    updatedAt
    archivedAt
    erasedAt
    baitSince
    version
    tags
  }
`);

export const CreateClient = graphql(`
  mutation CreateClient($input: CreateClientInput!) {
    createClient(input: $input) {
      client { ...ClientFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const UpdateClient = graphql(`
  mutation UpdateClient($input: UpdateClientInput!) {
    updateClient(input: $input) {
      client { ...ClientFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const ArchiveClient = graphql(`
  mutation ArchiveClient($input: ArchiveClientInput!) {
    archiveClient(input: $input) {
      client { id archivedAt }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const RestoreClient = graphql(`
  mutation RestoreClient($input: RestoreClientInput!) {
    restoreClient(input: $input) {
      client { id archivedAt }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const ExportClient = graphql(`
  mutation ExportClient($input: ExportClientInput!) {
    exportClient(input: $input) {
      content
      fileName
      userErrors { ...UserErrorFields }
    }
  }
`);

export const EraseClient = graphql(`
  mutation EraseClient($input: EraseClientInput!) {
    eraseClient(input: $input) {
      client { ...ClientFields }
      userErrors { ...UserErrorFields }
    }
  }
`);
