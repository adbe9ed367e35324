import { Badge, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TimeText } from "@/components/TimeText";
import type { AccessKeyFieldsFragment, AccessKeyStatus } from "@/gql/graphql";

const colors: Record<AccessKeyStatus, string> = {
  ACTIVE: "green",
  OVERLAPPING: "orange",
  EXPIRED: "gray",
  REVOKED: "gray",
};

export const isInForce = ({ status }: { status: AccessKeyStatus }) => status === "ACTIVE" || status === "OVERLAPPING";

export function KeyStatusBadge({ status }: { status: AccessKeyStatus }) {
  const { t } = useTranslation();
  return (
    <Badge color={colors[status]} variant="light">
      {t(`accessKey.status.${status}`)}
    </Badge>
  );
}

/** When and from where a key was last used. */
export function LastUse({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  const { t } = useTranslation();
  if (!accessKey.lastUsedAt) return <Text inherit>{t("accessKey.neverUsed")}</Text>;
  return (
    <>
      <TimeText value={accessKey.lastUsedAt} />
      {accessKey.lastUsedAddress && (
        <>
          {" "}
          {t("accessKey.from")} <span className="mono">{accessKey.lastUsedAddress}</span>
        </>
      )}
    </>
  );
}

/** The beginning and the end of a key; the middle is told once, when it is made. */
export function KeyFace({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  return (
    <span className="mono break">
      {accessKey.visiblePart}…{accessKey.last4}
    </span>
  );
}
