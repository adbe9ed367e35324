import { graphql } from "@/gql";

graphql(`
  fragment IncidentFields on ProviderIncident {
    id
    provider
    openedAt
    closedAt
    affected
    connections
    evidence
  }
`);

export const OpenIncidents = graphql(`
  query OpenIncidents {
    providerIncidents(first: 20, open: true) { edges { node { ...IncidentFields } } }
  }
`);

export const IncidentHistory = graphql(`
  query IncidentHistory($first: Int!) {
    providerIncidents(first: $first) {
      totalCount
      edges { node { ...IncidentFields } }
    }
  }
`);
