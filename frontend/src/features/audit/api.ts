import { graphql } from "@/gql";

export const AuditEvents = graphql(`
  query AuditEvents($first: Int, $after: String, $last: Int, $before: String, $filter: AuditEventFilter) {
    auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { ...AuditEventFields } }
    }
  }
`);

graphql(`
  fragment AuditEventFields on AuditEvent {
    id
    at
    actor { kind id label }
    address
    requestId
    action
    object { id name }
    client { id name erasedAt }
    changes { field old new }
  }
`);

export const AuditNames = graphql(`
  query AuditNames($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on Client { clientName: name }
      ... on Operator { operatorName: name }
      ... on AccessKey { keyName: name }
    }
  }
`);

export const AuditClients = graphql(`
  query AuditClients($search: String!) {
    clients(search: $search, first: 8) {
      edges { node { id name documentFormatted } }
    }
  }
`);
