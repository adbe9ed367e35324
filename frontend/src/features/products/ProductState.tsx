import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SetupStep } from "@/gql/graphql";

interface Props {
  suspendedAt: string | null;
  nextStep: SetupStep | null;
  /** A marketplace of it is failing or needs a person. */
  hasProblem: boolean;
}

/** The one thing about a client's product that is most worth knowing. */
export function ProductState({ suspendedAt, nextStep, hasProblem }: Props) {
  const { t } = useTranslation();
  const [color, text] = suspendedAt
    ? ["gray", t("clientProduct.suspended")]
    : hasProblem
      ? ["red", t("client.problem")]
      : nextStep
        ? ["yellow", t(`steps.missing.${nextStep}`)]
        : ["green", t("steps.allDone")];
  return (
    <Badge color={color} variant="light">
      {text}
    </Badge>
  );
}
