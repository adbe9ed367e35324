/** The query that a back-office begins with: whose key it is, and the marketplaces with their credentials. */
export const integrationQuery = `query Integration {
  integration {
    client { id name document }
    accessKey { name expiresAt overlapEndsAt }
    revision
    marketplaces {
      id
      description
      provider
      health { state message }
      credentialVersion
      credentials {
        ... on MeuCarrinhoCredentials { username password }
        ... on NuvemshopCredentials { storeId accessToken }
        ... on Plug4MarketCredentials { accessToken expiresAt }
        ... on ShowKaseCredentials { token }
      }
    }
  }
}`;

/** The same as one line that a Unix shell and the Windows command prompt both take. */
export function curlRequest(portal: string, key: string): string {
  const body = JSON.stringify({ query: integrationQuery.replace(/\s+/g, " ") }).replaceAll('"', '\\"');
  return `curl "${portal}/graphql" -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d "${body}"`;
}
