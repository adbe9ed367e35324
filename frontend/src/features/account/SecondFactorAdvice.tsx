import { Alert } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconShieldLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import { useApi } from "@/lib/graphql";
import { OwnSecondFactor } from "./api";

/** Advises an administrator without a second factor to set one up; put away until the next log-in. */
export function SecondFactorAdvice() {
  const { t } = useTranslation();
  const viewer = useApi(OwnSecondFactor, {}).data?.viewer;
  // A log-out empties the browser's storage.
  const [away, setAway] = useLocalStorage({ key: "chaveiro.secondFactorAdvice", defaultValue: false });
  if (!viewer || viewer.hasSecondFactor || away) return null;
  return (
    <Alert
      color="yellow"
      role="note"
      icon={<IconShieldLock />}
      title={t("secondFactorAdvice.title")}
      withCloseButton
      closeButtonLabel={t("secondFactorAdvice.close")}
      onClose={() => setAway(true)}
    >
      {t("secondFactorAdvice.body")}{" "}
      <AnchorLink to="/conta" fz="inherit" underline="always">
        {t("secondFactorAdvice.action")}
      </AnchorLink>
    </Alert>
  );
}
