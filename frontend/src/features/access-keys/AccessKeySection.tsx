import { Button, Group, Stack, Text } from "@mantine/core";
import { IconBan, IconKey, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AddableSection } from "@/components/AddableSection";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { EmptyState } from "@/components/EmptyState";
import { Fact } from "@/components/Fact";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { ButtonLink } from "@/components/links";
import { TimeText } from "@/components/TimeText";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { useBegin } from "@/lib/begin";
import { request } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { RevokeAccessKey } from "./api";
import { BaitBadge, BaitFact } from "./Bait";
import type { KeyClient } from "./handOver";
import { Addresses, isInForce, isRevocable, KeyFace, KeyStatusBadge, LastUse } from "./KeyStatus";
import type { IssuedKey } from "./TokenDialog";

const AddressesForm = later(() => import("./AddressesForm").then((module) => module.AddressesForm));
const CreateKeyForm = later(() => import("./CreateKeyForm").then((module) => module.CreateKeyForm));
const RotateKeyForm = later(() => import("./RotateKeyForm").then((module) => module.RotateKeyForm));
const TokenDialog = later(() => import("./TokenDialog").then((module) => module.TokenDialog));

interface Props {
  /** Where links to the block lead. */
  id: string;
  clientProductId: string;
  accessKeys: AccessKeyFieldsFragment[];
  /** Whose keys they are. */
  client: KeyClient;
  /** What stops when a key is revoked. */
  marketplaces: string[];
  /** Why no key can be made now, such as the step that is missing. */
  blocked?: string;
}

/** The block Chaves de acesso of a client's product. */
export function AccessKeySection({ id, clientProductId, accessKeys, client, marketplaces, blocked }: Props) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const [creating, setCreating] = useState(false);
  const [rotated, setRotated] = useState<AccessKeyFieldsFragment>();
  const [rotating, setRotating] = useState(false);
  const [bound, setBound] = useState<AccessKeyFieldsFragment>();
  const [binding, setBinding] = useState(false);
  const [issued, setIssued] = useState<IssuedKey>();
  useBegin("key", write && !blocked, () => setCreating(true));
  const rotate = (accessKey: AccessKeyFieldsFragment) => {
    setRotated(accessKey);
    setRotating(true);
  };
  const bind = (accessKey: AccessKeyFieldsFragment) => {
    setBound(accessKey);
    setBinding(true);
  };
  const inForce = accessKeys.filter(isRevocable);
  const past = accessKeys.filter((accessKey) => !isRevocable(accessKey));
  const row = (accessKey: AccessKeyFieldsFragment) => (
    <Row
      key={accessKey.id}
      accessKey={accessKey}
      client={client.name}
      marketplaces={marketplaces}
      onRotate={() => rotate(accessKey)}
      onBind={() => bind(accessKey)}
    />
  );

  return (
    <AddableSection
      id={id}
      title={t("accessKey.title")}
      lead={t("accessKey.lead")}
      addable={write}
      blocked={blocked}
      onAdd={() => setCreating(true)}
    >
      {inForce.length === 0 && (
        <EmptyState icon={<IconKey size={26} />} title={t("accessKey.empty")}>
          {blocked ? undefined : t(write ? "accessKey.emptyHelp" : "accessKey.emptyViewer")}
        </EmptyState>
      )}
      {inForce.length > 0 && (
        <Stack component="ul" className="plain-list" gap="lg">
          {inForce.map(row)}
        </Stack>
      )}
      {past.length > 0 && (
        <details className="no-print">
          <summary>{t("accessKey.past", { count: past.length })}</summary>
          <Stack component="ul" className="plain-list" gap="lg" mt="md">
            {past.map(row)}
          </Stack>
        </details>
      )}
      <FormDialog
        opened={creating}
        onClose={() => setCreating(false)}
        title={t("accessKey.newFor", { client: client.name })}
      >
        <CreateKeyForm
          clientProductId={clientProductId}
          existing={inForce.find(({ status }) => status === "ACTIVE") ?? inForce[0]}
          onRotate={rotate}
          onIssued={setIssued}
        />
      </FormDialog>
      <FormDialog
        opened={rotating}
        onClose={() => setRotating(false)}
        title={t("accessKey.rotateTitle", { name: rotated?.name, client: client.name })}
      >
        {rotated && <RotateKeyForm accessKey={rotated} onIssued={setIssued} />}
      </FormDialog>
      <FormDialog
        opened={binding}
        onClose={() => setBinding(false)}
        title={t("accessKey.addressesNamed", { name: bound?.name, client: client.name })}
      >
        {bound && <AddressesForm accessKey={accessKeys.find(({ id }) => id === bound.id) ?? bound} />}
      </FormDialog>
      <TokenDialog issued={issued} client={client} onClose={() => setIssued(undefined)} />
    </AddableSection>
  );
}

interface RowProps {
  accessKey: AccessKeyFieldsFragment;
  client: string;
  marketplaces: string[];
  onRotate: () => void;
  onBind: () => void;
}

function Row({ accessKey, client, marketplaces, onRotate, onBind }: RowProps) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const confirm = useConfirm();
  const revoke = useAction();

  const onRevoke = async () => {
    const agreed = await confirm({
      title: t("accessKey.revokeTitle", { name: accessKey.name, client }),
      body: (
        <Stack gap="xs">
          <Text size="sm">{t("accessKey.revokeBody", { client })}</Text>
          {marketplaces.length > 0 && (
            <>
              <Text size="sm">{t("accessKey.revokeStops")}</Text>
              <Text component="ul" size="sm" my={0} pl="lg">
                {marketplaces.map((name) => (
                  <li key={name}>{name}</li>
                ))}
              </Text>
            </>
          )}
          <Text size="sm">
            {t("accessKey.lastUse")}: <LastUse accessKey={accessKey} />
          </Text>
          <Text size="sm" fw={600}>
            {t("accessKey.revokeForGood")}
          </Text>
        </Stack>
      ),
      confirm: t("accessKey.revoke"),
      destroys: true,
    });
    if (!agreed) return;
    await revoke.run(
      async () => (await request(RevokeAccessKey, { input: { id: accessKey.id } })).revokeAccessKey,
      t("accessKey.revoked"),
    );
  };

  return (
    <li>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <IconKey className="row-icon" size={26} stroke={1.6} aria-hidden />
          <div>
            <Group gap="xs">
              <Text fw={600} className="break">
                {accessKey.name}
              </Text>
              <KeyStatusBadge status={accessKey.status} />
              <BaitBadge of={accessKey} />
            </Group>
            <Text size="sm" c="dimmed">
              <KeyFace accessKey={accessKey} />
            </Text>
            {accessKey.status === "ALTERED" && (
              <Text size="sm" c="red" className="break">
                {t("accessKey.altered")}
              </Text>
            )}
          </div>
        </Group>
        {write && (
          <Group gap="xs" className="no-print">
            <ButtonLink
              to="/chaves/$id/vazamento"
              params={{ id: accessKey.id }}
              variant="subtle"
              size="xs"
              aria-label={t("accessKey.leakNamed", { name: accessKey.name })}
            >
              {t("accessKey.leak")}
            </ButtonLink>
            {accessKey.status === "ACTIVE" && (
              <Button
                variant="default"
                size="xs"
                leftSection={<IconRefresh size={15} />}
                aria-label={t("accessKey.rotateNamed", { name: accessKey.name })}
                onClick={onRotate}
              >
                {t("accessKey.rotate")}
              </Button>
            )}
            {isRevocable(accessKey) && (
              <Button
                variant="light"
                color="red"
                size="xs"
                leftSection={<IconBan size={15} />}
                loading={revoke.pending}
                aria-label={t("accessKey.revokeNamed", { name: accessKey.name })}
                onClick={() => void onRevoke()}
              >
                {t("accessKey.revoke")}
              </Button>
            )}
          </Group>
        )}
      </Group>
      <dl className="facts row-body">
        <Fact label={t("accessKey.lastUse")}>
          <LastUse accessKey={accessKey} />
        </Fact>
        <Fact label={t("accessKey.addresses")}>
          <Addresses accessKey={accessKey} />
          {write && isInForce(accessKey) && (
            <>
              {" "}
              <Button
                className="no-print"
                variant="subtle"
                size="compact-sm"
                aria-label={t("accessKey.changeAddressesNamed", { name: accessKey.name })}
                onClick={onBind}
              >
                {t("accessKey.changeAddresses")}
              </Button>
            </>
          )}
        </Fact>
        <Fact label={t("accessKey.created")}>
          <TimeText value={accessKey.createdAt} as="date" /> {t("accessKey.by", { who: accessKey.createdBy })}
        </Fact>
        {accessKey.revokedAt ? (
          <Fact label={t("accessKey.revokedOn")}>
            <TimeText value={accessKey.revokedAt} as="minute" />
          </Fact>
        ) : accessKey.overlapEndsAt ? (
          <Fact label={t("accessKey.worksUntil")}>
            <TimeText value={accessKey.overlapEndsAt} as="minute" />
            {accessKey.replacedBy && (
              <>
                {" · "}
                {t("accessKey.replacedBy", { name: accessKey.replacedBy.name })}
              </>
            )}
          </Fact>
        ) : (
          <Fact label={t("accessKey.expiry")}>
            {accessKey.expiresAt ? <TimeText value={accessKey.expiresAt} as="minute" /> : t("accessKey.noExpiry")}
          </Fact>
        )}
        {isInForce(accessKey) && <BaitFact kind="key" of={accessKey} client={client} />}
      </dl>
    </li>
  );
}
