import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CenterCard } from "@/components/CenterCard";
import { SetupForm } from "@/features/session/SetupForm";

export function SetupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <CenterCard title={t("setup.title")} lead={t("setup.lead")} width={460}>
      <SetupForm onDone={() => void navigate({ to: "/" })} />
    </CenterCard>
  );
}
