/** A GraphQL request as one line that a Unix shell and the Windows command prompt both take. */
export function curlRequest(portal: string, token: string, query: string): string {
  const body = JSON.stringify({ query: query.replace(/\s+/g, " ") }).replaceAll('"', '\\"');
  return `curl "${portal}/graphql" -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" -d "${body}"`;
}
