import { Badge, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/components/DataTable";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { TimeText } from "@/components/TimeText";
import type { OperatorFieldsFragment, OperatorStatus } from "@/gql/graphql";
import { useSession } from "@/lib/session";
import type { IssuedLink } from "./PasswordLinkDialog";

const OperatorActions = later(() => import("./OperatorActions").then((module) => module.OperatorActions));
const EditOperatorForm = later(() => import("./OperatorForms").then((module) => module.EditOperatorForm));

const colors: Record<OperatorStatus, string> = { ACTIVE: "green", INVITED: "blue", DISABLED: "gray" };

interface Props {
  operators: OperatorFieldsFragment[];
  onLink: (issued: IssuedLink) => void;
}

/** Who may log in, and what an administrator can do about each. */
export function OperatorsTable({ operators, onLink }: Props) {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const [editing, setEditing] = useState<OperatorFieldsFragment>();
  const [opened, setOpened] = useState(false);
  const edit = (operator: OperatorFieldsFragment) => {
    setEditing(operator);
    setOpened(true);
  };

  const current = operators.find(({ id }) => id === editing?.id); // as it is read again
  const columns: Column<OperatorFieldsFragment, never>[] = [
    {
      key: "name",
      header: t("operator.name"),
      main: true,
      render: (row) => (
        <>
          <Text fw={600} className="break">
            {row.name}{" "}
            {row.id === viewer?.id && (
              <Badge variant="light" color="gray">
                {t("operator.you")}
              </Badge>
            )}
          </Text>
          <Text size="sm" c="dimmed" className="break">
            {row.email}
          </Text>
        </>
      ),
    },
    { key: "role", header: t("operator.role"), render: (row) => t(`role.${row.role}`) },
    {
      key: "status",
      header: t("operator.state"),
      render: (row) => (
        <Badge variant="light" color={colors[row.status]} miw="max-content">
          {t(`operator.status.${row.status}`)}
        </Badge>
      ),
    },
    {
      key: "secondFactor",
      header: t("operator.secondFactor"),
      render: (row) => t(row.hasSecondFactor ? "operator.protected" : "operator.unprotected"),
    },
    {
      key: "lastLogin",
      header: t("operator.lastLogin"),
      render: (row) => (row.lastLoginAt ? <TimeText value={row.lastLoginAt} /> : t("operator.neverLoggedIn")),
    },
    {
      key: "actions",
      header: t("list.actions"),
      render: (row) => (
        <OperatorActions operator={row} own={row.id === viewer?.id} onEdit={() => edit(row)} onLink={onLink} />
      ),
    },
  ];

  return (
    <>
      <DataTable caption={t("operator.title")} columns={columns} rows={operators} rowKey={(row) => row.id} />
      <FormDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={t("operator.editNamed", { name: editing?.name })}
      >
        {editing && <EditOperatorForm operator={current ?? editing} own={editing.id === viewer?.id} />}
      </FormDialog>
    </>
  );
}
