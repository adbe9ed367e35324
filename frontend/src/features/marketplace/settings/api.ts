import { graphql } from "@/gql";
import type { ProviderFieldsFragment } from "@/gql/graphql";

export type Setting = NonNullable<ProviderFieldsFragment["settings"]>[number];

graphql(`
  fragment ProviderFields on ProviderStatus {
    provider
    configured
    message
    houseRefusedAt
    addresses { topic url }
    settings {
      name
      kind
      value
      default
      choices
      required
      source
      environmentVariable
      secret { ...SecretFields }
    }
  }
`);

export const ProviderSettings = graphql(`
  query ProviderSettings {
    providers { ...ProviderFields }
  }
`);

export const UpdateProviderSettings = graphql(`
  mutation UpdateProviderSettings($input: UpdateProviderSettingsInput!) {
    updateProviderSettings(input: $input) {
      provider { ...ProviderFields }
      userErrors { ...UserErrorFields }
    }
  }
`);
