import { graphql } from "@/gql";

graphql(`
  fragment ProductFields on Product {
    id
    code
    name
    description
    capabilities
    updatedAt
    version
  }
`);

export const Products = graphql(`
  query Products($first: Int, $after: String, $last: Int, $before: String) {
    products(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { ...ProductFields } }
    }
  }
`);

export const CreateProduct = graphql(`
  mutation CreateProduct($input: CreateProductInput!) {
    createProduct(input: $input) {
      product { ...ProductFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const UpdateProduct = graphql(`
  mutation UpdateProduct($input: UpdateProductInput!) {
    updateProduct(input: $input) {
      product { ...ProductFields }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const ClientProduct = graphql(`
  query ClientProduct($id: ID!) {
    node(id: $id) {
      __typename
      ... on ClientProduct {
        id
        createdAt
        suspendedAt
        version
        nextStep
        backOfficeLastCallAt
        client { id name documentFormatted documentKind archivedAt }
        product { id name description capabilities }
        marketplaces { ...MarketplaceFields }
        accessKeys { ...AccessKeyFields }
      }
    }
  }
`);

export const AddClientProduct = graphql(`
  mutation AddClientProduct($input: AddClientProductInput!) {
    addClientProduct(input: $input) {
      clientProduct { id client { id } }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const SuspendClientProduct = graphql(`
  mutation SuspendClientProduct($input: SuspendClientProductInput!) {
    suspendClientProduct(input: $input) {
      clientProduct { id suspendedAt }
      userErrors { ...UserErrorFields }
    }
  }
`);

export const ResumeClientProduct = graphql(`
  mutation ResumeClientProduct($input: ResumeClientProductInput!) {
    resumeClientProduct(input: $input) {
      clientProduct { id suspendedAt }
      userErrors { ...UserErrorFields }
    }
  }
`);
