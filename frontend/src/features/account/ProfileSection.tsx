import { Button, Group } from "@mantine/core";
import { IconLock, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Fact } from "@/components/Fact";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { Section } from "@/components/Section";
import type { OwnAccountFieldsFragment } from "@/gql/graphql";

const ProfileForm = later(() => import("./ProfileForms").then((module) => module.ProfileForm));
const PasswordForm = later(() => import("./ProfileForms").then((module) => module.PasswordForm));

/** Name, e-mail and password. Before a second factor that the portal demands, they can only be read. */
export function ProfileSection({ account, locked }: { account: OwnAccountFieldsFragment; locked: boolean }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<"profile" | "password">();
  const close = () => setOpened(undefined);
  const { name, email, role } = account.operator;
  return (
    <Section title={t("myAccount.profile")}>
      <dl className="facts">
        <Fact label={t("operator.name")}>{name}</Fact>
        <Fact label={t("session.email")}>{email}</Fact>
        <Fact label={t("operator.role")}>{t(`role.${role}`)}</Fact>
      </dl>
      {!locked && (
        <Group gap="xs" className="no-print">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPencil size={15} />}
            aria-label={t("myAccount.editProfile")}
            onClick={() => setOpened("profile")}
          >
            {t("action.edit")}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconLock size={15} />}
            onClick={() => setOpened("password")}
          >
            {t("myAccount.changePassword")}
          </Button>
        </Group>
      )}
      <FormDialog opened={opened === "profile"} onClose={close} title={t("myAccount.editProfile")}>
        <ProfileForm operator={account.operator} />
      </FormDialog>
      <FormDialog opened={opened === "password"} onClose={close} title={t("myAccount.changePassword")}>
        <PasswordForm email={email} minLength={account.minPasswordLength} />
      </FormDialog>
    </Section>
  );
}
