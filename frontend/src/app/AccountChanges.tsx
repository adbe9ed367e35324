import { Alert, Text } from "@mantine/core";
import { IconShieldExclamation } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import { TimeText } from "@/components/TimeText";
import { AccountChanges as Query } from "@/features/account/api";
import { Differences } from "@/features/audit/Differences";
import { actionText } from "@/features/audit/words";
import type { AccountChangeFieldsFragment } from "@/gql/graphql";
import { useApi } from "@/lib/graphql";

/** Tells the operator what was done to the account since the log-in before, until it is put away. */
export function AccountChanges() {
  const { t } = useTranslation();
  const [away, setAway] = useState(false);
  const changes = useApi(Query, {}, { staleTime: Number.POSITIVE_INFINITY }).data?.account.changes;
  if (!changes?.length || away) return null;
  return (
    <Alert
      color="orange"
      role="note"
      mb="lg"
      icon={<IconShieldExclamation />}
      title={t("accountChanges.title")}
      withCloseButton
      closeButtonLabel={t("accountChanges.close")}
      onClose={() => setAway(true)}
    >
      <ul className="plain-list">
        {changes.map((change) => (
          <Line key={change.id} change={change} />
        ))}
      </ul>
      <Text size="sm" mt="xs">
        {t("accountChanges.body")}{" "}
        <AnchorLink to="/conta" fz="inherit" underline="always">
          {t("accountChanges.action")}
        </AnchorLink>
      </Text>
    </Alert>
  );
}

function Line({ change: { action, at, by, address, fields } }: { change: AccountChangeFieldsFragment }) {
  const { t } = useTranslation();
  const told = fields.filter((field) => field.old !== null || field.new !== null);
  return (
    <li>
      <Text size="sm" className="break">
        <Text span inherit fw={600}>
          {actionText(t, action)}
        </Text>
        {" · "}
        <TimeText value={at} as="minute" />
        {" · "}
        {t(address ? "accountChanges.from" : "accountChanges.by", { by, address })}
      </Text>
      {told.length > 0 && <Differences changes={told} />}
    </li>
  );
}
