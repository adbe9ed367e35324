import { Badge, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { TimeText } from "@/components/TimeText";
import type { AccessKeyFieldsFragment, AccessKeyStatus } from "@/gql/graphql";
import { plainNetwork } from "@/lib/addresses";

const colors: Record<AccessKeyStatus, string> = {
  ACTIVE: "green",
  OVERLAPPING: "orange",
  EXPIRED: "gray",
  REVOKED: "gray",
  ALTERED: "red",
};

export const isInForce = ({ status }: { status: AccessKeyStatus }) => status === "ACTIVE" || status === "OVERLAPPING";

/** Whether a key is to be revoked before it is of the past: one that was altered is refused, but still there. */
export const isRevocable = (accessKey: { status: AccessKeyStatus }) =>
  isInForce(accessKey) || accessKey.status === "ALTERED";

export function KeyStatusBadge({ status }: { status: AccessKeyStatus }) {
  const { t } = useTranslation();
  return (
    <Badge color={colors[status]} variant="light" miw="max-content">
      {t(`accessKey.status.${status}`)}
    </Badge>
  );
}

const idleMs = 90 * 86_400_000;

/** Whether a key works and nobody has used it for 90 days: perhaps it should be revoked. */
export const isIdle = (accessKey: AccessKeyFieldsFragment, now = Date.now()) =>
  isInForce(accessKey) && now - Date.parse(accessKey.lastUsedAt ?? accessKey.createdAt) > idleMs;

/** Whether a key works although others may have read it on its way: in a URL, a cookie or a body. */
export const isExposed = (accessKey: AccessKeyFieldsFragment) => isInForce(accessKey) && accessKey.exposedAt !== null;

/** That a key came from where it is not taken from, and from where. */
function Refusal({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  const { t } = useTranslation();
  if (!isInForce(accessKey) || !accessKey.refusedAt) return null;
  return (
    <Text inherit span display="block" className="break">
      <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" aria-hidden />{" "}
      {t("accessKey.refused", { address: accessKey.refusedAddress })} (<TimeText value={accessKey.refusedAt} />)
    </Text>
  );
}

/** The networks that a key is taken from. */
export function Addresses({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  const { t } = useTranslation();
  if (accessKey.addresses.length === 0) return t("accessKey.anywhere");
  return <span className="mono break">{accessKey.addresses.map(plainNetwork).join(", ")}</span>;
}

/** When and from where a key was last used, and what speaks for replacing it. */
export function LastUse({ accessKey }: { accessKey: AccessKeyFieldsFragment }) {
  const { t } = useTranslation();
  const flags = (
    <>
      {isExposed(accessKey) && (
        <>
          {" "}
          <Badge color="red" variant="light" component="span">
            {t("accessKey.exposed")}
          </Badge>
        </>
      )}
      {isIdle(accessKey) && (
        <>
          {" "}
          <Badge color="orange" variant="light" component="span">
            {t("accessKey.idle")}
          </Badge>
        </>
      )}
      <Refusal accessKey={accessKey} />
    </>
  );
  if (!accessKey.lastUsedAt) {
    return (
      <Text inherit span>
        {t("accessKey.neverUsed")}
        {flags}
      </Text>
    );
  }
  return (
    <>
      <TimeText value={accessKey.lastUsedAt} />
      {accessKey.lastUsedAddress && (
        <>
          {" "}
          {t("accessKey.from")} <span className="mono">{accessKey.lastUsedAddress}</span>
        </>
      )}
      {flags}
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
