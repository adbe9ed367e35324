import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { IconExternalLink, IconLink, IconLinkOff, IconSettings } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { ErrorAlert } from "@/components/ErrorAlert";
import { AnchorLink } from "@/components/links";
import { QueryView, RowsSkeleton } from "@/components/QueryView";
import { TimeText } from "@/components/TimeText";
import { UserErrors } from "@/components/UserErrors";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { isWebAddress, openTab } from "@/lib/tab";
import type { UserError } from "@/lib/userErrors";
import { providerOf } from "@/providers";
import { useProviderStatuses } from "../providerStatus";
import { CreateInstallLink, RevokeInstallLink, StartInstall } from "./api";

/** A link for a merchant; its address is told once. */
export interface IssuedLink {
  url: string;
  expiresAt: string;
}

interface Props {
  marketplace: MarketplaceFieldsFragment;
  /** Name of the client. */
  client: string;
  onLink: (link: IssuedLink) => void;
}

/** The two ways by which a merchant connects a shop: in this browser, or by a link that is sent to him. */
export function InstallWays({ marketplace, client, onLink }: Props) {
  const statuses = useProviderStatuses();
  return (
    <QueryView query={statuses} skeleton={<RowsSkeleton rows={2} />}>
      {({ providers }) => {
        const status = providers.find(({ provider }) => provider === marketplace.provider);
        if (!status?.configured) return <NotConfigured message={status?.message ?? null} />;
        return <Ways marketplace={marketplace} client={client} onLink={onLink} />;
      }}
    </QueryView>
  );
}

function NotConfigured({ message }: { message: string | null }) {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  return (
    <Alert color="yellow" role="note" icon={<IconSettings />} title={t("install.notConfigured")}>
      <Text size="sm">{message}</Text>
      {administer ? (
        <AnchorLink to="/configuracoes" size="sm" underline="always">
          {t("install.openSettings")}
        </AnchorLink>
      ) : (
        <Text size="sm">{t("install.askAdministrator")}</Text>
      )}
    </Alert>
  );
}

function Ways({ marketplace, client, onLink }: Props) {
  const { t } = useTranslation();
  const { name } = providerOf(marketplace.provider);
  const queryClient = useQueryClient();
  const input = { marketplaceId: marketplace.id };

  const start = useMutation({
    mutationFn: async () => {
      const tab = openTab(t("install.opening"));
      try {
        const payload = (await request(StartInstall, { input }, { cookies: true })).startInstall;
        const opened = payload.authorizeUrl ? tab.goTo(payload.authorizeUrl) : false;
        if (!opened) tab.close();
        return { ...payload, opened };
      } catch (error) {
        tab.close();
        throw error;
      }
    },
  });

  const create = useMutation({
    mutationFn: async () => (await request(CreateInstallLink, { input })).createInstallLink,
    onSuccess: ({ url, marketplace: changed }) => {
      if (url && changed?.installLink) onLink({ url, expiresAt: changed.installLink.expiresAt });
    },
    onSettled: () => void queryClient.invalidateQueries(),
  });

  return (
    <Stack gap="md">
      <Text size="sm">{t("install.lead", { provider: name })}</Text>
      <Way
        label={t("install.here")}
        help={t("install.hereHelp", { provider: name })}
        icon={<IconExternalLink size={16} />}
        action={start}
      >
        <div role="status">{start.data && <Started {...start.data} provider={name} />}</div>
      </Way>
      <Way label={t("install.link")} help={t("install.linkHelp")} icon={<IconLink size={16} />} action={create}>
        {marketplace.installLink && (
          <ExistingLink marketplace={marketplace} client={client} {...marketplace.installLink} />
        )}
      </Way>
    </Stack>
  );
}

interface WayProps {
  label: string;
  /** When to take this way. */
  help: string;
  icon: ReactNode;
  action: {
    mutate: () => void;
    isPending: boolean;
    error: Error | null;
    data: { userErrors: readonly UserError[] } | undefined;
  };
  children: ReactNode;
}

function Way({ label, help, icon, action, children }: WayProps) {
  const id = useId();
  return (
    <Stack gap={6} align="flex-start">
      <Text size="sm" c="dimmed" id={id}>
        {help}
      </Text>
      <Button
        variant="default"
        leftSection={icon}
        loading={action.isPending}
        aria-describedby={id}
        onClick={() => action.mutate()}
      >
        {label}
      </Button>
      {action.error && <ErrorAlert error={action.error} />}
      <UserErrors errors={action.data?.userErrors} />
      {children}
    </Stack>
  );
}

interface StartedProps {
  authorizeUrl: string | null;
  expiresAt: string | null;
  opened: boolean;
  provider: string;
}

/** Says where the install goes on; with a link to it when the browser opened no tab. */
function Started({ authorizeUrl, expiresAt, opened, provider }: StartedProps) {
  const { t } = useTranslation();
  if (!authorizeUrl || !isWebAddress(authorizeUrl)) return null;
  return (
    <Text size="sm">
      {opened ? (
        t("install.opened", { provider })
      ) : (
        <>
          {t("install.blocked")}{" "}
          <Anchor href={authorizeUrl} target="_blank" rel="noopener noreferrer" underline="always" inherit>
            {t("install.openBlocked")}
          </Anchor>
        </>
      )}{" "}
      {expiresAt && (
        <>
          {t("install.until")} <TimeText value={expiresAt} as="minute" />.
        </>
      )}
    </Text>
  );
}

interface ExistingLinkProps {
  marketplace: MarketplaceFieldsFragment;
  client: string;
  createdBy: string;
  expiresAt: string;
}

/** A link that was made before and still works; its address cannot be told again. */
function ExistingLink({ marketplace, client, createdBy, expiresAt }: ExistingLinkProps) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const revoke = async () => {
    const agreed = await confirm({
      title: t("install.revokeTitle", { client }),
      body: t("install.revokeBody", { name: marketplace.description }),
      confirm: t("install.revoke"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(RevokeInstallLink, { input: { marketplaceId: marketplace.id } })).revokeInstallLink,
      t("install.revoked"),
    );
  };
  return (
    <Group gap="sm">
      <Text size="sm">
        {t("marketplace.linkExists", { who: createdBy })} <TimeText value={expiresAt} as="minute" />.{" "}
        {t("install.replaces")}
      </Text>
      <Button
        variant="light"
        color="red"
        size="xs"
        leftSection={<IconLinkOff size={15} />}
        loading={pending}
        aria-label={t("install.revokeNamed", { name: marketplace.description })}
        onClick={() => void revoke()}
      >
        {t("install.revoke")}
      </Button>
    </Group>
  );
}
