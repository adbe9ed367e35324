import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Stands in place of a page that the operator's profile does not allow; what it says is that of any page, unless given. */
export function Forbidden({ children }: { children?: string }) {
  const { t } = useTranslation();
  return (
    <Alert color="yellow" role="note">
      {children ?? t("error.forbidden")}
    </Alert>
  );
}
