import { graphql } from "@/gql";

graphql(`
  fragment FactsFields on MarketplaceHealthFacts {
    availability
    downMinutes
    incidentMinutes
    broke
    brokeInIncident
    meanMinutesToMend
    longestMinutes
  }
`);

graphql(`
  fragment HistoryFields on MarketplaceHistory {
    from
    to
    facts { ...FactsFields }
    days { begins worst downMinutes incidentMinutes }
  }
`);

/** The last 30 days of each connection of a client's product. */
export const ProductHistory = graphql(`
  query ProductHistory($id: ID!, $zone: String!) {
    node(id: $id) {
      ... on ClientProduct {
        marketplaces { id history(zone: $zone) { ...HistoryFields } }
      }
    }
  }
`);

/** The last 30 days of a client's connections together. */
export const ClientHistory = graphql(`
  query ClientHistory($id: ID!, $zone: String!) {
    client(id: $id) { id history(zone: $zone) { ...HistoryFields } }
  }
`);

/** One month of a client, to be printed. */
export const ClientMonth = graphql(`
  query ClientMonth($id: ID!, $from: Time!, $to: Time!, $zone: String!) {
    client(id: $id) {
      id
      name
      documentFormatted
      documentKind
      createdAt
      erasedAt
      history(from: $from, to: $to, zone: $zone) { ...HistoryFields }
      products {
        id
        product { name }
        marketplaces {
          id
          provider
          description
          createdAt
          history(from: $from, to: $to, zone: $zone) { ...HistoryFields }
        }
      }
    }
  }
`);
