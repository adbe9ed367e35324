import { Button, Group, Stack, Text } from "@mantine/core";
import { IconLink, IconTrash, IconUserQuestion } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { AnchorLink } from "@/components/links";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import type { UnclaimedFieldsFragment } from "@/gql/graphql";
import { request, useApi } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { providerOf } from "@/providers";
import { Account } from "../Account";
import { useProviderStatuses } from "../providerStatus";
import { DiscardInstallation, UnclaimedInstallations } from "./api";

const AttachForm = later(() => import("./AttachForm").then((module) => module.AttachForm));

interface Props {
  onAttached: (place: { clientId: string; clientProductId: string }) => void;
}

/**
 * The installs that merchants began at their provider: an operator says whose they are. Where no merchant can install
 * and none waits, there is no block.
 */
export function UnclaimedSection({ onAttached }: Props) {
  const { t } = useTranslation();
  const installations = useApi(UnclaimedInstallations, {});
  const expected = useProviderStatuses().data?.providers.some(
    ({ installable, configured }) => installable && configured,
  );
  const [attached, setAttached] = useState<UnclaimedFieldsFragment>();
  const [attaching, setAttaching] = useState(false);
  if (!expected && !attaching && !installations.isError && !installations.data?.unclaimedInstallations.length)
    return null;
  return (
    <Section title={t("installation.title")} description={t("installation.lead")}>
      <QueryView query={installations}>
        {({ unclaimedInstallations }) =>
          unclaimedInstallations.length === 0 ? (
            <EmptyState icon={<IconUserQuestion size={26} />} title={t("installation.empty")} />
          ) : (
            <Stack component="ul" className="plain-list" gap="md">
              {unclaimedInstallations.map((installation) => (
                <Row
                  key={installation.id}
                  installation={installation}
                  onAttach={() => {
                    setAttached(installation);
                    setAttaching(true);
                  }}
                />
              ))}
            </Stack>
          )
        }
      </QueryView>
      <FormDialog opened={attaching} onClose={() => setAttaching(false)} title={t("installation.attachTitle")}>
        {attached && <AttachForm installation={attached} onDone={onAttached} />}
      </FormDialog>
    </Section>
  );
}

/** What an installation is called: its shop's name, or the number that the provider knows it by. */
const nameOf = ({ account, id }: UnclaimedFieldsFragment) => account?.name ?? account?.id ?? id;

function Row({ installation, onAttach }: { installation: UnclaimedFieldsFragment; onAttach: () => void }) {
  const { t } = useTranslation();
  const { write, administer } = useAbilities();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const { suggestedClient, account, createdAt } = installation;
  const provider = providerOf(installation.provider).name;
  const name = nameOf(installation);

  const discard = async () => {
    const agreed = await confirm({
      title: t("installation.discardTitle", { name }),
      body: t("installation.discardBody", { provider }),
      confirm: t("installation.discard"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(DiscardInstallation, { input: { id: installation.id } })).discardInstallation,
      t("installation.discarded"),
    );
  };

  return (
    <Group component="li" justify="space-between" align="flex-start" gap="sm">
      <div className="line-text">
        {account ? <Account account={account} /> : name}
        <Text size="xs" c="dimmed">
          {provider} · <TimeText value={createdAt} />
        </Text>
        {suggestedClient && (
          <Text size="sm">
            {t("installation.suggestion")}{" "}
            <AnchorLink to="/clientes/$id" params={{ id: suggestedClient.id }} inherit>
              {suggestedClient.name}
            </AnchorLink>
          </Text>
        )}
      </div>
      <Group gap="xs">
        {write && (
          <Button
            size="xs"
            leftSection={<IconLink size={15} />}
            aria-label={t("installation.attachNamed", { name })}
            onClick={onAttach}
          >
            {t("installation.attach")}
          </Button>
        )}
        {administer && (
          <Button
            variant="light"
            color="red"
            size="xs"
            leftSection={<IconTrash size={15} />}
            loading={pending}
            aria-label={t("installation.discardNamed", { name })}
            onClick={() => void discard()}
          >
            {t("installation.discard")}
          </Button>
        )}
      </Group>
    </Group>
  );
}
