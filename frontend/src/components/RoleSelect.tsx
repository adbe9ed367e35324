import { Radio, type RadioGroupProps, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { OperatorRole } from "@/gql/graphql";

const roles = [OperatorRole.Viewer, OperatorRole.Operator, OperatorRole.Admin];

/** The choice of a role, with what each may do. */
export function RoleSelect(props: Omit<RadioGroupProps, "children">) {
  const { t } = useTranslation();
  return (
    <Radio.Group {...props}>
      <Stack gap="xs" mt="xs">
        {roles.map((role) => (
          <Radio key={role} value={role} label={t(`role.${role}`)} description={t(`role.may.${role}`)} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
