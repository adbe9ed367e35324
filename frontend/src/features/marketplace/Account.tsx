import { Badge, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { AccountFieldsFragment } from "@/gql/graphql";
import { formatDocument } from "@/lib/document";

/** The shop as its provider knows it, with a note for another branch and a warning when it is not the client's. */
export function Account({ account }: { account: AccountFieldsFragment }) {
  const { t } = useTranslation();
  const { id, name, document, matchesClient, isBranch } = account;
  // A provider that calls the shop by its document has nothing more to tell.
  const number = id && id !== document && t("account.number", { id });
  const facts = [name, document && formatDocument(document), number].filter(Boolean);
  return (
    <Group gap="xs">
      <Text span inherit className="break">
        {facts.join(" · ")}
      </Text>
      {isBranch && (
        <Badge color="gray" variant="light">
          {t("account.branch")}
        </Badge>
      )}
      {matchesClient === false && !isBranch && (
        <Badge color="orange" variant="light" leftSection={<IconAlertTriangle size={14} aria-hidden />}>
          {t("account.other")}
        </Badge>
      )}
    </Group>
  );
}

/** The provider's own words, marked as such: they are for the person who knows the provider. */
export function ProviderWords({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Text size="xs" className="break">
      {t("account.providerSaid")} <q>{text}</q>
    </Text>
  );
}

/** The portal's own finding in a technical line, which the server tells administrators alone. */
export function TechnicalDetail({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Text size="xs" className="break">
      {t("account.technicalDetail")} <code>{text}</code>
    </Text>
  );
}
