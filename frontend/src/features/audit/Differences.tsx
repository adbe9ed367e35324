import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AuditEventFieldsFragment } from "@/gql/graphql";
import { differencesOf, fieldText } from "./words";

/** What an event changed: each field with what it was and what it became. */
export function Differences({ changes }: { changes: AuditEventFieldsFragment["changes"] }) {
  const { t, i18n } = useTranslation();
  const differences = differencesOf(t, changes, i18n.language);
  if (differences.length === 0) return <Text c="dimmed">—</Text>;
  return (
    <ul className="plain-list">
      {differences.map(({ field, from, to, hidden }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an event never changes, and may name a field twice
        <Text key={index} component="li" size="sm" className="break">
          <Text span inherit fw={600}>
            {field
              .split(".")
              .map((part) => fieldText(t, part))
              .join(": ")}
          </Text>{" "}
          {hidden ? (
            <Text span inherit c="dimmed">
              {t("audit.secretChanged")}
            </Text>
          ) : (
            <>
              {from !== null && <del>{from}</del>}
              {from !== null && to !== null && " → "}
              {to !== null && <ins>{to}</ins>}
            </>
          )}
        </Text>
      ))}
    </ul>
  );
}
