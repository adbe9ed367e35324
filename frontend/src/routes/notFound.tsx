import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("notFound.title")} lead={<Text c="dimmed">{t("notFound.body")}</Text>} />
      <ButtonLink to="/clientes" variant="default">
        {t("notFound.action")}
      </ButtonLink>
    </>
  );
}
