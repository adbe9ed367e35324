import { Alert, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconDeviceMobile, IconFingerprint, IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { notify } from "@/components/notify";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type {
  BeginTotpMutation,
  OwnAccountFieldsFragment,
  PasskeyFieldsFragment,
  SecondFactorResultFragment,
} from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { passkeysAvailable } from "@/lib/passkey";
import { session } from "@/lib/session";
import { BeginTotp, CreateRecoveryCodes, RemovePasskey, RemoveTotp } from "./api";

const AppForm = later(() => import("./AppForm").then((module) => module.AppForm));
const PasskeyForm = later(() => import("./PasskeyForm").then((module) => module.PasskeyForm));
const RecoveryCodesDialog = later(() => import("./RecoveryCodesDialog").then((module) => module.RecoveryCodesDialog));

/** What a log-in asks for besides the password: an app, passkeys, and the recovery codes for when both are lost. */
export function SecondFactorSection({ account, due }: { account: OwnAccountFieldsFragment; due: boolean }) {
  const { t } = useTranslation();
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[]>();
  const protects = account.totpSince !== null || account.passkeys.length > 0;

  const changed = (payload: SecondFactorResultFragment) => {
    if (payload.account) session.secondFactorDone();
    if (payload.recoveryCodes) setRecoveryCodes(payload.recoveryCodes);
  };

  return (
    <Section title={t("myAccount.secondFactor")} description={t("myAccount.secondFactorLead")}>
      {due && (
        <Alert color="yellow" role="note" title={t("myAccount.dueTitle")}>
          {t("myAccount.dueBody")}
        </Alert>
      )}
      <App account={account} onChanged={changed} />
      <Passkeys passkeys={account.passkeys} onChanged={changed} />
      {protects && <RecoveryCodes left={account.recoveryCodesLeft} onChanged={changed} />}
      <RecoveryCodesDialog codes={recoveryCodes} onClose={() => setRecoveryCodes(undefined)} />
    </Section>
  );
}

interface PartProps {
  title: string;
  lead: ReactNode;
  mark?: ReactNode;
  actions: ReactNode;
  children?: ReactNode;
}

function Part({ title, lead, mark, actions, children }: PartProps) {
  return (
    <div>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="line-text">
          <Group gap="xs">
            <Title order={3} fz="md">
              {title}
            </Title>
            {mark}
          </Group>
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        </div>
        <Group gap="xs" className="no-print">
          {actions}
        </Group>
      </Group>
      {children}
    </div>
  );
}

interface Changes {
  onChanged: (payload: SecondFactorResultFragment) => void;
}

function App({ account, onChanged }: { account: OwnAccountFieldsFragment } & Changes) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const [setup, setSetup] = useState<BeginTotpMutation["beginTotp"]>();
  const [opened, setOpened] = useState(false);

  const begin = () =>
    run(async () => {
      setSetup((await request(BeginTotp, {})).beginTotp);
      setOpened(true);
      return { userErrors: [] };
    });
  const remove = async () => {
    const agreed = await confirm({
      title: t("myAccount.removeAppTitle"),
      body: t("myAccount.removeAppBody"),
      confirm: t("myAccount.removeApp"),
      destroys: true,
    });
    if (agreed) await run(async () => (await request(RemoveTotp, {})).removeTotp, t("myAccount.appRemoved"));
  };

  return (
    <Part
      title={t("myAccount.app")}
      mark={
        account.totpSince && (
          <Badge variant="light" color="green">
            {t("myAccount.on")}
          </Badge>
        )
      }
      lead={
        account.totpSince ? (
          <>
            {t("myAccount.appSince")} <TimeText value={account.totpSince} as="date" />
          </>
        ) : (
          t("myAccount.appLead")
        )
      }
      actions={
        <>
          <Button
            variant={account.totpSince ? "default" : "filled"}
            size="xs"
            leftSection={<IconDeviceMobile size={15} />}
            loading={pending}
            onClick={() => void begin()}
          >
            {t(account.totpSince ? "myAccount.replaceApp" : "myAccount.setUpApp")}
          </Button>
          {account.totpSince && (
            <Button
              variant="light"
              color="red"
              size="xs"
              leftSection={<IconTrash size={15} />}
              onClick={() => void remove()}
            >
              {t("myAccount.removeApp")}
            </Button>
          )}
        </>
      }
    >
      <FormDialog opened={opened} onClose={() => setOpened(false)} title={t("myAccount.setUpApp")}>
        {setup && (
          <AppForm
            request={setup}
            onDone={(payload) => {
              notify.done(t("myAccount.appDone"));
              onChanged(payload);
            }}
          />
        )}
      </FormDialog>
    </Part>
  );
}

function Passkeys({ passkeys, onChanged }: { passkeys: PasskeyFieldsFragment[] } & Changes) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const available = passkeysAvailable();
  return (
    <Part
      title={t("myAccount.passkeys")}
      lead={t(available ? "myAccount.passkeysLead" : "myAccount.passkeysMissing")}
      actions={
        available && (
          <Button variant="default" size="xs" leftSection={<IconPlus size={15} />} onClick={() => setOpened(true)}>
            {t("myAccount.addPasskey")}
          </Button>
        )
      }
    >
      {passkeys.length > 0 && (
        <Stack component="ul" className="plain-list" gap="sm" mt="sm">
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </Stack>
      )}
      <FormDialog opened={opened} onClose={() => setOpened(false)} title={t("myAccount.addPasskey")}>
        <PasskeyForm
          onDone={(payload) => {
            notify.done(t("myAccount.passkeyAdded"));
            onChanged(payload);
          }}
        />
      </FormDialog>
    </Part>
  );
}

function PasskeyRow({ passkey: { id, name, createdAt, lastUsedAt } }: { passkey: PasskeyFieldsFragment }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const remove = async () => {
    const agreed = await confirm({
      title: t("myAccount.removePasskeyTitle", { name }),
      body: t("myAccount.removePasskeyBody"),
      confirm: t("myAccount.removePasskey"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(RemovePasskey, { input: { id } })).removePasskey,
      t("myAccount.passkeyRemoved"),
    );
  };
  return (
    <Group component="li" justify="space-between" gap="xs" align="flex-start">
      <Group gap="sm" wrap="nowrap" className="line-text" align="flex-start">
        <IconFingerprint className="row-icon" size={22} stroke={1.6} aria-hidden />
        <div>
          <Text className="break">{name}</Text>
          <Text size="sm" c="dimmed">
            {t("myAccount.createdOn")} <TimeText value={createdAt} as="date" />
            {" · "}
            {lastUsedAt ? (
              <>
                {t("myAccount.lastUsed")} <TimeText value={lastUsedAt} />
              </>
            ) : (
              t("myAccount.neverUsed")
            )}
          </Text>
        </div>
      </Group>
      <Button
        variant="light"
        color="red"
        size="xs"
        leftSection={<IconTrash size={15} />}
        loading={pending}
        aria-label={t("myAccount.removePasskeyNamed", { name })}
        onClick={() => void remove()}
      >
        {t("myAccount.removePasskey")}
      </Button>
    </Group>
  );
}

function RecoveryCodes({ left, onChanged }: { left: number } & Changes) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const create = async () => {
    const agreed =
      left === 0 ||
      (await confirm({
        title: t("myAccount.newCodesTitle"),
        body: t("myAccount.newCodesBody"),
        confirm: t("myAccount.newCodes"),
        destroys: true,
      }));
    if (!agreed) return;
    await run(async () => {
      const { createRecoveryCodes } = await request(CreateRecoveryCodes, {});
      onChanged(createRecoveryCodes);
      return createRecoveryCodes;
    });
  };
  return (
    <Part
      title={t("recoveryCodes.title")}
      mark={
        left <= 3 && (
          <Badge variant="light" color="orange">
            {t("recoveryCodes.few")}
          </Badge>
        )
      }
      lead={t("recoveryCodes.left", { count: left })}
      actions={
        <Button variant="default" size="xs" loading={pending} onClick={() => void create()}>
          {t("myAccount.newCodes")}
        </Button>
      }
    />
  );
}
