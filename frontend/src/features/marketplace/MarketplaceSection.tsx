import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPencil, IconPlugConnected, IconPlus, IconTrash } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { notify } from "@/components/notify";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { AddMarketplaceDialog } from "./AddMarketplaceDialog";
import { RemoveMarketplace } from "./api";
import { HealthBadge } from "./health";
import { EditMarketplaceForm } from "./MarketplaceForm";
import { providerOf } from "./providers";

interface Props {
  clientProductId: string;
  marketplaces: MarketplaceFieldsFragment[];
  /** Why nothing can be added now. */
  blocked?: string;
}

/** The block Marketplace of a client's product. */
export function MarketplaceSection({ clientProductId, marketplaces, blocked }: Props) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const [adding, setAdding] = useState(false);
  const [edited, setEdited] = useState<MarketplaceFieldsFragment>();
  const [editing, setEditing] = useState(false);
  const reason = useId();
  return (
    <Section
      title={t("marketplace.title")}
      description={blocked ? <span id={reason}>{blocked}</span> : t("marketplace.lead")}
      actions={
        write && (
          <Button
            leftSection={<IconPlus size={18} />}
            disabled={Boolean(blocked)}
            aria-describedby={blocked ? reason : undefined}
            onClick={() => setAdding(true)}
          >
            {t("action.new")}
          </Button>
        )
      }
    >
      {marketplaces.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={26} />} title={t("marketplace.empty")}>
          {blocked ? undefined : t(write ? "marketplace.emptyHelp" : "marketplace.emptyViewer")}
        </EmptyState>
      ) : (
        <Stack component="ul" className="plain-list" gap="lg">
          {marketplaces.map((marketplace) => (
            <Row
              key={marketplace.id}
              marketplace={marketplace}
              onEdit={() => {
                setEdited(marketplace);
                setEditing(true);
              }}
            />
          ))}
        </Stack>
      )}
      <AddMarketplaceDialog clientProductId={clientProductId} opened={adding} onClose={() => setAdding(false)} />
      <FormDialog
        opened={editing}
        onClose={() => setEditing(false)}
        title={t("marketplace.edit", { name: edited?.description })}
      >
        {edited && <EditMarketplaceForm marketplace={edited} onDone={() => notify.done(t("marketplace.saved"))} />}
      </FormDialog>
    </Section>
  );
}

function Row({ marketplace, onEdit }: { marketplace: MarketplaceFieldsFragment; onEdit: () => void }) {
  const { t } = useTranslation();
  const { write, administer } = useAbilities();
  const confirm = useConfirm();
  const remove = useAction();
  const provider = providerOf(marketplace.provider);
  const { settings, secrets } = provider.read(marketplace.config);
  const { health } = marketplace;

  const onRemove = async () => {
    const agreed = await confirm({
      title: t("marketplace.removeTitle", { name: marketplace.description }),
      body: t("marketplace.removeBody", { provider: provider.name }),
      confirm: t("marketplace.remove"),
      destroys: true,
    });
    if (!agreed) return;
    await remove.run(
      async () => (await request(RemoveMarketplace, { input: { id: marketplace.id } })).removeMarketplace,
      t("marketplace.removed"),
    );
  };

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
              <HealthBadge state={health.state} />
            </Group>
            <Text size="sm" c="dimmed">
              {provider.name}
            </Text>
          </div>
        </Group>
        <Group gap="xs" className="no-print">
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
          {administer && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconTrash size={15} />}
              loading={remove.pending}
              aria-label={t("marketplace.removeNamed", { name: marketplace.description })}
              onClick={() => void onRemove()}
            >
              {t("marketplace.remove")}
            </Button>
          )}
        </Group>
      </Group>
      <Stack gap="sm" mt="sm" ml={{ base: 0, sm: 38 }}>
        <Text size="sm">
          {health.message}{" "}
          <Text span c="dimmed" inherit>
            {t("health.since")} <TimeText value={health.since} />
            {" · "}
            {health.lastCheckedAt ? (
              <>
                {t("health.lastCheck")} <TimeText value={health.lastCheckedAt} />
              </>
            ) : (
              t("health.neverChecked")
            )}
          </Text>
        </Text>
        <dl className="facts">
          {provider.fields.map(({ name, label, secret }) => {
            const state = secrets[name];
            if (secret ? !state : !settings[name]) return null;
            return (
              <div key={name}>
                <dt>{t(label)}</dt>
                <dd>
                  {state ? (
                    <>
                      {t("marketplace.setBy", { who: state.setBy })} <TimeText value={state.setAt} />
                      <Text size="xs" c="dimmed">
                        {t("marketplace.fingerprint")} <span className="mono">{state.fingerprint}</span>
                        {state.expiresAt && (
                          <>
                            {" · "}
                            {t("marketplace.expires")} <TimeText value={state.expiresAt} />
                          </>
                        )}
                      </Text>
                    </>
                  ) : (
                    settings[name]
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      </Stack>
    </li>
  );
}
