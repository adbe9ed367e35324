import { graphql } from "@/gql";

graphql(`
  fragment DueFields on DueItem {
    kind
    at
    withinDays
    provider
    message
    client { id name }
    marketplace { id description clientProduct { id } }
    accessKey { id name clientProduct { id } }
    operator { id name }
  }
`);

export const Due = graphql(`
  query Due($withinDays: Int!) {
    due(withinDays: $withinDays) { ...DueFields }
  }
`);
