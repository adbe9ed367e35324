import { listSearch } from "@/components/listPage";
import type { AccessKeyOrderField } from "@/gql/graphql";

const listed = listSearch(["inForce", "neverUsed"], ["CREATED_AT"] satisfies AccessKeyOrderField[]);

/** The list's part of the URL, and whose keys it is narrowed to. */
export const accessKeySearch = (raw: Record<string, unknown>): ReturnType<typeof listed> & { by?: string } => ({
  ...listed(raw),
  by: typeof raw.by === "string" && raw.by !== "" ? raw.by : undefined,
});
