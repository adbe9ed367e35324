import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CenterCard } from "@/components/CenterCard";
import { notify } from "@/components/notify";
import { PasswordLinkForm } from "@/features/session/PasswordLinkForm";

/** Where the links of invitations and resets lead. */
export function PasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <CenterCard title={t("passwordLink.title")} lead={t("session.lead")} width={460}>
      <PasswordLinkForm
        onDone={() => void navigate({ to: "/" })}
        onAgain={(reason) => {
          if (reason) notify.failed(reason);
          void navigate({ to: "/login" });
        }}
      />
    </CenterCard>
  );
}
