import { curlRequest } from "@/lib/curl";

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

/** The same, ready to be sent from a terminal. */
export const firstRequest = (portal: string, key: string) => curlRequest(portal, key, integrationQuery);
