import { Badge, Button, Stack, Text } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { type Column, DataTable } from "@/components/DataTable";
import { MadeKeys } from "@/components/MadeKeys";
import { TimeText } from "@/components/TimeText";
import type { ServiceTokenFieldsFragment } from "@/gql/graphql";
import { plainNetwork } from "@/lib/addresses";
import { request } from "@/lib/graphql";
import { RevokeServiceToken } from "./api";

type State = "ACTIVE" | "EXPIRED" | "REVOKED";

const colors: Record<State, string> = { ACTIVE: "green", EXPIRED: "gray", REVOKED: "gray" };

function stateOf({ revokedAt, expiresAt }: ServiceTokenFieldsFragment): State {
  if (revokedAt) return "REVOKED";
  return Date.parse(expiresAt) <= Date.now() ? "EXPIRED" : "ACTIVE";
}

/** The scripts that may call the API. */
export function ServiceTokensTable({ serviceTokens }: { serviceTokens: ServiceTokenFieldsFragment[] }) {
  const { t } = useTranslation();
  const columns: Column<ServiceTokenFieldsFragment, never>[] = [
    {
      key: "name",
      header: t("serviceToken.name"),
      main: true,
      render: (row) => (
        <>
          <Text fw={600} className="break">
            {row.name}
          </Text>
          <Text size="sm" c="dimmed" component="div" className="mono break">
            {row.visiblePart}…{row.last4}
          </Text>
        </>
      ),
    },
    {
      key: "role",
      header: t("operator.role"),
      render: (row) => (
        <>
          {t(`role.${row.role}`)}
          <Text size="sm" c="dimmed">
            {row.scopes.length > 0
              ? row.scopes.map((scope) => t(`serviceToken.scope.${scope}.name`)).join(", ")
              : t("serviceToken.readsOnly")}
          </Text>
          {row.addresses.length > 0 && (
            <Text size="sm" c="dimmed" className="mono break">
              {row.addresses.map(plainNetwork).join(", ")}
            </Text>
          )}
        </>
      ),
    },
    {
      key: "state",
      header: t("operator.state"),
      render: (row) => (
        <>
          <Badge variant="light" color={colors[stateOf(row)]} miw="max-content">
            {t(`serviceToken.state.${stateOf(row)}`)}
          </Badge>
          {row.exposedAt && stateOf(row) === "ACTIVE" && (
            <>
              {" "}
              <Badge variant="light" color="red" component="span">
                {t("serviceToken.exposed")}
              </Badge>
            </>
          )}
        </>
      ),
    },
    { key: "expires", header: t("serviceToken.until"), render: (row) => <TimeText value={row.expiresAt} as="date" /> },
    {
      key: "created",
      header: t("serviceToken.created"),
      render: (row) => (
        <>
          <TimeText value={row.createdAt} as="date" /> {t("accessKey.by", { who: row.createdBy })}
        </>
      ),
    },
    { key: "used", header: t("accessKey.lastUse"), render: (row) => <LastUse serviceToken={row} /> },
    { key: "actions", header: t("list.actions"), render: (row) => stateOf(row) === "ACTIVE" && <Revoke {...row} /> },
  ];
  return (
    <DataTable caption={t("serviceToken.title")} columns={columns} rows={serviceTokens} rowKey={(row) => row.id} />
  );
}

function LastUse({ serviceToken: { lastUsedAt, lastUsedAddress } }: { serviceToken: ServiceTokenFieldsFragment }) {
  const { t } = useTranslation();
  if (!lastUsedAt) return t("serviceToken.neverUsed");
  return (
    <>
      <TimeText value={lastUsedAt} />
      {lastUsedAddress && (
        <>
          {" "}
          {t("accessKey.from")} <span className="mono">{lastUsedAddress}</span>
        </>
      )}
    </>
  );
}

function Revoke({ id, name, visiblePart }: ServiceTokenFieldsFragment) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const revoke = async () => {
    let accessKeyIds: string[] = [];
    const agreed = await confirm({
      title: t("serviceToken.revokeTitle", { name }),
      body: (
        <Stack gap="xs">
          <Text size="sm">{t("serviceToken.revokeBody")}</Text>
          <Text size="sm" className="mono">
            {visiblePart}…
          </Text>
          <MadeKeys
            by={id}
            onChange={(ids) => {
              accessKeyIds = ids;
            }}
          />
          <Text size="sm" fw={600}>
            {t("accessKey.revokeForGood")}
          </Text>
        </Stack>
      ),
      confirm: t("accessKey.revoke"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(RevokeServiceToken, { input: { id, accessKeyIds } })).revokeServiceToken,
      t("serviceToken.revoked"),
    );
  };
  return (
    <Button
      variant="light"
      color="red"
      size="xs"
      leftSection={<IconBan size={15} />}
      loading={pending}
      aria-label={t("serviceToken.revokeNamed", { name })}
      onClick={() => void revoke()}
    >
      {t("accessKey.revoke")}
    </Button>
  );
}
