import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CenterCard } from "@/components/CenterCard";
import { LogIn } from "@/features/session/LogIn";

const route = getRouteApi("/login");

export function LoginPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const { next = "/" } = route.useSearch();
  return (
    <CenterCard title={t("session.title")} lead={t("session.lead")} width={400}>
      <LogIn
        onDone={() => {
          // The API page is a document of its own.
          if (next.startsWith("/graphiql")) window.location.assign(next);
          else router.history.push(next);
        }}
      />
    </CenterCard>
  );
}
