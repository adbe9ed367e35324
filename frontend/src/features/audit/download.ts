import type { AuditEventFilter } from "@/gql/graphql";
import { portalUrl } from "@/lib/portal";
import { saveFile } from "@/lib/saveFile";
import { session } from "@/lib/session";
import { ApiError, refusal, requestHeaders } from "@/lib/transport";

export type AuditFormat = "xlsx" | "csv" | "jsonl";

/** Fetches the trail as a file. The token goes in a header, so a mere link would not do. */
export async function downloadAudit(format: AuditFormat, filter: AuditEventFilter): Promise<void> {
  const query = new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])),
  );
  const token = await session.accessToken();
  let answer: Response;
  let content: Blob;
  try {
    answer = await window.fetch(portalUrl(`/export/audit.${format}?${query}`), {
      headers: requestHeaders({ token }),
      credentials: "same-origin",
    });
    content = await answer.blob();
  } catch (error) {
    throw new ApiError("NETWORK", String(error));
  }
  if (!answer.ok) {
    const { errors } = await content
      .text()
      .then(JSON.parse)
      .catch(() => ({}));
    throw refusal({ status: answer.status, errors, headers: answer.headers });
  }
  saveFile(`audit.${format}`, content);
}
