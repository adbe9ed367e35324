import type { Provider } from "@/gql/graphql";
import { useApi } from "@/lib/graphql";
import { ProviderStatuses } from "./api";

/** What this installation can do with its providers. It changes when an administrator changes settings. */
export const useProviderStatuses = () => useApi(ProviderStatuses, {}, { staleTime: 5 * 60_000 });

/** A provider as this installation has it; undefined until the server has told. */
export function useProviderStatus(id: Provider) {
  return useProviderStatuses().data?.providers.find(({ provider }) => provider === id);
}
