import { Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { OwnAccount } from "@/features/account/api";
import { ProfileSection } from "@/features/account/ProfileSection";
import { SecondFactorSection } from "@/features/account/SecondFactorSection";
import { SessionSection } from "@/features/account/SessionSection";
import { ShortcutSection } from "@/features/account/ShortcutSection";
import { useApi } from "@/lib/graphql";
import { session } from "@/lib/session";

/** The operator's own account. When the portal demands a second factor, the only page there is until it is set up. */
export function AccountPage() {
  const { t } = useTranslation();
  const query = useApi(OwnAccount, {});
  const account = query.data?.account;
  const due = Boolean(account?.secondFactorRequired && !account.operator.hasSecondFactor);
  useEffect(() => {
    if (!account) return;
    if (due) session.demandSecondFactor();
    else session.secondFactorDone();
  }, [account, due]);
  return (
    <>
      <PageHeader title={t("myAccount.title")} lead={<Text c="dimmed">{t("myAccount.lead")}</Text>} />
      <QueryView query={query}>
        {({ account }) => (
          <Stack gap="lg">
            {!due && <ProfileSection account={account} locked={false} />}
            <SecondFactorSection account={account} due={due} />
            {due && <ProfileSection account={account} locked />}
            {!due && <ShortcutSection />}
            <SessionSection sessions={account.sessions} />
          </Stack>
        )}
      </QueryView>
    </>
  );
}
