import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconKey, IconPencil, IconPlugConnected, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { Fact } from "@/components/Fact";
import { later } from "@/components/later";
import { TimeText } from "@/components/TimeText";
import type { MarketplaceFieldsFragment, SecretFieldsFragment } from "@/gql/graphql";
import { useBegin } from "@/lib/begin";
import { request } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { providerOf } from "@/providers";
import { readConfig } from "@/providers/saved";
import { useProviderText } from "@/providers/texts";
import { Account, ProviderWords, TechnicalDetail } from "./Account";
import { RemoveMarketplace } from "./api";
import { TestAnswer, TestButton, useConnectionTest, useSavedTest } from "./ConnectionTest";
import { canReconnect, HealthBadge, healthColors, isProblem, remedyOf } from "./health";
import type { IssuedLink } from "./install/InstallWays";
import { useProviderStatus } from "./providerStatus";

const InstallWays = later(() => import("./install/InstallWays").then((module) => module.InstallWays));
const UnreadAnswer = later(() => import("./UnreadAnswer").then((module) => module.UnreadAnswer));
const WayOn = later(() => import("./WayOn").then((module) => module.WayOn));
const ConfirmShop = later(() => import("./ConfirmShop").then((module) => module.ConfirmShop));

interface Props {
  marketplace: MarketplaceFieldsFragment;
  /** Name of the client. */
  client: string;
  /** How it worked lately. */
  history?: ReactNode;
  onEdit: () => void;
  onLink: (link: IssuedLink) => void;
}

/** One connection: its state, what can be done about it, and what is known of it. */
export function MarketplaceRow({ marketplace, client, history, onEdit, onLink }: Props) {
  const { t } = useTranslation();
  const text = useProviderText();
  const { write, administer } = useAbilities();
  const test = useConnectionTest();
  const testSaved = useSavedTest(marketplace.id);
  useBegin(`test ${marketplace.id}`, write && test.isIdle, () => test.mutate(testSaved));
  const provider = providerOf(marketplace.provider);
  const status = useProviderStatus(provider.id);
  const remedy = remedyOf(marketplace.health.reason, status?.installable ?? false);
  const reconnects = canReconnect(marketplace.health, status?.mintable ?? false);

  return (
    <li>
      <Group justify="space-between" align="flex-start" gap="sm" wrap="wrap">
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <provider.icon className="row-icon" size={26} stroke={1.6} aria-hidden />
          <div>
            <Group gap="xs">
              <Text fw={600} className="break">
                {marketplace.description}
              </Text>
              <HealthBadge health={marketplace.health} />
            </Group>
            <Text size="sm" c="dimmed">
              {provider.name}
            </Text>
          </div>
        </Group>
        <Group gap="xs" className="no-print">
          {write && marketplace.health.reason !== "WAITING_FOR_MERCHANT" && (
            <TestButton
              size="xs"
              test={test}
              name={marketplace.description}
              variant={remedy === "test" ? "filled" : "default"}
              onClick={() => test.mutate(testSaved)}
            />
          )}
          {write && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPencil size={15} />}
              aria-label={t("marketplace.edit", { name: marketplace.description })}
              onClick={onEdit}
            >
              {t("action.edit")}
            </Button>
          )}
          {administer && <RemoveButton marketplace={marketplace} client={client} />}
        </Group>
      </Group>
      <Stack gap="sm" className="row-body">
        <TestAnswer test={test} />
        <Health marketplace={marketplace} />
        {write && <WayOn marketplace={marketplace} client={client} panelUrl={status?.panelUrl ?? null} />}
        {marketplace.unreadAnswerUntil && <UnreadAnswer until={marketplace.unreadAnswerUntil} />}
        {write && remedy === "replace" && (
          <Group gap="xs">
            {reconnects && (
              <Button
                leftSection={<IconPlugConnected size={16} />}
                loading={test.isPending}
                aria-label={t("marketplace.connectAgainNamed", { name: marketplace.description })}
                onClick={() => test.mutate(testSaved)}
              >
                {t("marketplace.connectAgain")}
              </Button>
            )}
            <Button variant={reconnects ? "default" : "filled"} leftSection={<IconKey size={16} />} onClick={onEdit}>
              {text(provider.id, "replace") ?? t("action.edit")}
            </Button>
          </Group>
        )}
        {write && marketplace.health.reason === "WRONG_SHOP" && (
          <Group gap="xs">
            <ConfirmShop marketplace={marketplace} client={client} />
          </Group>
        )}
        {write && remedy === "install" && <InstallWays marketplace={marketplace} client={client} onLink={onLink} />}
        {!write && marketplace.installLink && (
          <Text size="sm">
            {t("marketplace.linkExists", { who: marketplace.installLink.createdBy })}{" "}
            <TimeText value={marketplace.installLink.expiresAt} as="minute" />.
          </Text>
        )}
        <Facts marketplace={marketplace} />
        {history}
      </Stack>
    </li>
  );
}

function RemoveButton({ marketplace, client }: Pick<Props, "marketplace" | "client">) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  // The portal cannot uninstall: its part is to say that somebody has to.
  const installed = useProviderStatus(marketplace.provider)?.installable && marketplace.account !== null;
  const remove = async () => {
    const agreed = await confirm({
      title: t("marketplace.removeTitle", { name: marketplace.description, client }),
      body: [
        t("marketplace.removeBody", { provider: providerOf(marketplace.provider).name }),
        installed && t("marketplace.removeInstalled"),
      ]
        .filter(Boolean)
        .join(" "),
      confirm: t("marketplace.remove"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(RemoveMarketplace, { input: { id: marketplace.id } })).removeMarketplace,
      t("marketplace.removed"),
    );
  };
  return (
    <Button
      variant="light"
      color="red"
      size="xs"
      leftSection={<IconTrash size={15} />}
      loading={pending}
      aria-label={t("marketplace.removeNamed", { name: marketplace.description })}
      onClick={() => void remove()}
    >
      {t("marketplace.remove")}
    </Button>
  );
}

/** Why it is in its state and what to do; raised when a person must act. */
function Health({ marketplace }: { marketplace: MarketplaceFieldsFragment }) {
  const { health, providerMessage, technicalDetail } = marketplace;
  const raised = isProblem(health) || health.state === "EXPIRING";
  const text = (
    <Stack gap={4}>
      <Text size="sm" className="break">
        {health.message}
      </Text>
      {providerMessage && <ProviderWords text={providerMessage} />}
      {technicalDetail && <TechnicalDetail text={technicalDetail} />}
    </Stack>
  );
  return (
    <>
      {raised ? (
        <Alert color={healthColors[health.state]} role="note" py="sm">
          {text}
        </Alert>
      ) : (
        text
      )}
      <Checks {...health} />
    </>
  );
}

function Checks({ since, lastCheckedAt, nextCheckAt }: MarketplaceFieldsFragment["health"]) {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed">
      {t("health.since")} <TimeText value={since} as="minute" />
      {" · "}
      {lastCheckedAt ? (
        <>
          {t("health.lastCheck")} <TimeText value={lastCheckedAt} />
        </>
      ) : (
        t("health.neverChecked")
      )}
      {nextCheckAt && (
        <>
          {" · "}
          {t("health.nextCheck")} <TimeText value={nextCheckAt} />
        </>
      )}
    </Text>
  );
}

/** The shop, the settings, and of each secret that it is set. */
function Facts({
  marketplace: { provider: id, config, account, renewedAt },
}: {
  marketplace: MarketplaceFieldsFragment;
}) {
  const { t } = useTranslation();
  const provider = providerOf(id);
  const text = useProviderText();
  const { settings, secrets } = readConfig(config);
  const names = [...provider.fields.map(({ name }) => name), ...(provider.given ?? [])];
  const known = names.filter((name) => secrets[name] || settings[name]);
  if (known.length === 0 && !account && !renewedAt) return null;
  return (
    <dl className="facts">
      {account && (
        <Fact label={t("account.shop")}>
          <Account account={account} />
        </Fact>
      )}
      {known.map((name) => {
        const secret = secrets[name];
        return (
          <Fact key={name} label={text(id, name) ?? name}>
            {secret ? <Secret secret={secret} /> : settings[name]}
          </Fact>
        );
      })}
      {renewedAt && (
        <Fact label={t("marketplace.renewed")}>
          <TimeText value={renewedAt} />
        </Fact>
      )}
    </dl>
  );
}

function Secret({ secret: { setBy, setAt, fingerprint, expiresAt } }: { secret: SecretFieldsFragment }) {
  const { t } = useTranslation();
  return (
    <>
      {t("marketplace.setBy", { who: setBy })} <TimeText value={setAt} />
      <Text size="xs" c="dimmed">
        {t("marketplace.fingerprint")} <span className="mono">{fingerprint}</span>
        {expiresAt && (
          <>
            {" · "}
            {t("marketplace.expires")} <TimeText value={expiresAt} />
          </>
        )}
      </Text>
    </>
  );
}
