import { Button, Group, NativeSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/lib/graphql";
import { AuditClients, AuditNames } from "./api";
import type { AuditSearch } from "./filter";
import { actionGroups, groupText } from "./words";

interface Props {
  search: AuditSearch;
  onChange: (part: Partial<AuditSearch>) => void;
}

/** What the trail is narrowed by. Operators and keys are chosen by a press on their name in the list. */
export function AuditFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const ids = [search.client, search.operator, search.key].filter((id) => id !== undefined);
  const names = useApi(AuditNames, { ids }, { enabled: ids.length > 0 });
  const nameOf = (id: string) => {
    const node = names.data?.nodes.find((one) => one?.id === id);
    if (!node) return id;
    if ("clientName" in node) return node.clientName;
    if ("operatorName" in node) return node.operatorName;
    return "keyName" in node ? node.keyName : id;
  };
  const chosen = (["client", "operator", "key"] as const).flatMap((kind) => {
    const id = search[kind];
    return id ? [{ kind, name: nameOf(id) }] : [];
  });
  const groups = search.action && !actionGroups.some((group) => group === search.action) ? [search.action] : [];

  return (
    <Group gap="sm" mb="md" align="flex-end" className="no-print" role="group" aria-label={t("list.filters")}>
      <FindClient onFound={(client) => onChange({ client })} />
      <NativeSelect
        label={t("audit.filter.action")}
        value={search.action ?? ""}
        onChange={(event) => onChange({ action: event.currentTarget.value || undefined })}
        data={[
          { value: "", label: t("audit.filter.any") },
          ...[...actionGroups, ...groups].map((group) => ({ value: group, label: groupText(t, group) })),
        ]}
      />
      {(["from", "to"] as const).map((end) => (
        <TextInput
          key={end}
          type="date"
          label={t(`audit.filter.${end}`)}
          value={search[end] ?? ""}
          onChange={(event) => onChange({ [end]: event.currentTarget.value || undefined })}
        />
      ))}
      {chosen.map(({ kind, name }) => (
        <Button
          key={kind}
          variant="light"
          rightSection={<IconX size={16} aria-hidden />}
          aria-label={t("audit.filter.remove", { what: `${t(`audit.filter.${kind}`)}: ${name}` })}
          onClick={() => onChange({ [kind]: undefined })}
        >
          {t(`audit.filter.${kind}`)}: {name}
        </Button>
      ))}
    </Group>
  );
}

function FindClient({ onFound }: { onFound: (id: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [sought] = useDebouncedValue(text.trim(), 200);
  const found = useApi(AuditClients, { search: sought }, { enabled: sought !== "" });
  return (
    <Select
      label={t("audit.filter.client")}
      placeholder={t("audit.filter.clientHint")}
      searchable
      value={null}
      searchValue={text}
      onSearchChange={setText}
      // The server has searched: name, trade name or document.
      filter={({ options }) => options}
      data={(sought ? (found.data?.clients.edges ?? []) : []).map(({ node }) => ({
        value: node.id,
        label: `${node.name} · ${node.documentFormatted}`,
      }))}
      nothingFoundMessage={sought && found.isSuccess ? t("audit.filter.noClient") : undefined}
      onChange={(id) => {
        if (!id) return;
        setText("");
        onFound(id);
      }}
    />
  );
}
