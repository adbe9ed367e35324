import { curlRequest } from "@/lib/curl";
import { providers } from "@/providers";

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
        ${providers.map(({ credentials }) => credentials).join("\n        ")}
      }
    }
  }
}`;

/** The same, ready to be sent from a terminal. */
export const firstRequest = (portal: string, key: string) => curlRequest(portal, key, integrationQuery);
