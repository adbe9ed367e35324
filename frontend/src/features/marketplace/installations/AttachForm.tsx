import { Alert, Radio, Select, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import { AnchorLink } from "@/components/links";
import { QueryView, RowsSkeleton } from "@/components/QueryView";
import type { UnclaimedFieldsFragment } from "@/gql/graphql";
import { request, useApi } from "@/lib/graphql";
import { providerOf } from "@/providers";
import { Account } from "../Account";
import { AttachInstallation, ChooseClient, InstallationTargets } from "./api";
import { type Target, targetsOf } from "./targets";

interface Props {
  installation: UnclaimedFieldsFragment;
  /** Tells where it went. */
  onDone: (place: { clientId: string; clientProductId: string }) => void;
}

/** Says whose an installation is: first the client, then the marketplace that it becomes the credentials of. */
export function AttachForm({ installation, onDone }: Props) {
  const { t } = useTranslation();
  const suggested = installation.suggestedClient;
  const form = useForm({
    initialValues: { clientId: suggested?.id ?? "", target: "" },
    validate: {
      clientId: (value) => (value ? null : t("installation.chooseClient")),
      target: (value, { clientId }) => (value || !clientId ? null : t("installation.chooseTarget")),
    },
  });
  return (
    <DialogForm
      form={form}
      fieldFor={([name]) => (name === "marketplaceId" || name === "clientProductId" ? "target" : name)}
      submitLabel={t("installation.attach")}
      send={async ({ target }) => {
        const [kind, id] = target.split(" ");
        const place = kind === "marketplace" ? { marketplaceId: id } : { clientProductId: id };
        return (await request(AttachInstallation, { input: { id: installation.id, ...place } })).attachInstallation;
      }}
      onDone={({ marketplace }) =>
        marketplace &&
        onDone({ clientId: marketplace.clientProduct.client.id, clientProductId: marketplace.clientProduct.id })
      }
    >
      <div>
        <Text size="sm" c="dimmed">
          {providerOf(installation.provider).name}
        </Text>
        {installation.account && <Account account={installation.account} />}
      </div>
      <ClientSelect
        suggested={suggested}
        {...form.getInputProps("clientId")}
        onChange={(clientId) => form.setValues({ clientId: clientId ?? "", target: "" })}
      />
      {form.values.clientId && (
        <TargetChoice
          clientId={form.values.clientId}
          installation={installation}
          {...form.getInputProps("target")}
          onFirst={(target) => {
            form.setFieldValue("target", target);
            form.resetDirty({ clientId: suggested?.id ?? "", target }); // nobody chose it
          }}
        />
      )}
    </DialogForm>
  );
}

type FoundClient = { id: string; name: string; documentFormatted: string };

interface ClientSelectProps {
  suggested: FoundClient | null;
  value?: string;
  error?: ReactNode;
  onChange: (clientId: string | null) => void;
}

/** A client, found by name or document as one types. */
function ClientSelect({ suggested, ...field }: ClientSelectProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [sought] = useDebouncedValue(text.trim(), 200);
  const found = useApi(ChooseClient, { search: sought || null }, { placeholderData: keepPreviousData });
  const clients = found.data?.clients.edges.map(({ node }) => node) ?? [];
  const offered = suggested && !clients.some(({ id }) => id === suggested.id) ? [suggested, ...clients] : clients;
  const options = offered.map(({ id, name, documentFormatted }) => ({
    value: id,
    label: `${name} · ${documentFormatted}`,
  }));
  return (
    <Select
      label={t("installation.client")}
      description={suggested ? t("installation.suggested", { name: suggested.name }) : t("installation.noSuggestion")}
      placeholder={t("clients.searchHint")}
      required
      searchable
      allowDeselect={false}
      openOnFocus={false}
      // What was typed is looked for by the server; the list is its answer as it is.
      filter={(all) => all.options}
      // The field shows what is chosen, which is nothing to look for.
      onSearchChange={(value) => setText(options.some(({ label }) => label === value) ? "" : value)}
      nothingFoundMessage={found.isFetching ? t("list.loading") : t("clients.noneFound")}
      data={options}
      {...field}
    />
  );
}

interface TargetChoiceProps {
  clientId: string;
  installation: UnclaimedFieldsFragment;
  value?: string;
  error?: ReactNode;
  onChange: (target: string) => void;
  /** Takes the place that is most likely meant, when nothing is chosen yet. */
  onFirst: (target: string) => void;
}

function TargetChoice({ clientId, installation, ...field }: TargetChoiceProps) {
  const { t } = useTranslation();
  const targets = useApi(InstallationTargets, { clientId });
  return (
    <QueryView query={targets} skeleton={<RowsSkeleton rows={2} />}>
      {({ client }) => {
        const offered = targetsOf(client?.products ?? [], installation.provider);
        return offered.length > 0 ? (
          <Targets offered={offered} {...field} />
        ) : (
          <Alert color="yellow" role="note" title={t("installation.noTarget")}>
            <AnchorLink to="/clientes/$id" params={{ id: clientId }} size="sm" underline="always">
              {t("installation.openClient")}
            </AnchorLink>
          </Alert>
        );
      }}
    </QueryView>
  );
}

const keyOf = ({ kind, id }: Target) => `${kind} ${id}`;

type TargetsProps = Omit<TargetChoiceProps, "clientId" | "installation"> & { offered: Target[] };

function Targets({ offered, value, error, onChange, onFirst }: TargetsProps) {
  const { t } = useTranslation();
  const first = offered[0] && keyOf(offered[0]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: chosen when the places are known, and left alone then
  useEffect(() => {
    if (first && !value) onFirst(first);
  }, [first]);
  return (
    <Radio.Group label={t("installation.target")} required value={value} error={error} onChange={onChange}>
      <Stack gap="xs" mt="xs">
        {offered.map((target) => (
          <Radio
            key={target.id}
            value={keyOf(target)}
            label={
              target.kind === "marketplace"
                ? t("installation.waiting", { name: target.name })
                : t("installation.new", { product: target.product })
            }
            description={target.kind === "marketplace" ? target.product : undefined}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
