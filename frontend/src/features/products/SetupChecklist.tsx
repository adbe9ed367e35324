import { Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import { TimeText } from "@/components/TimeText";
import type { ProductCapability, SetupStep } from "@/gql/graphql";
import { type Step, setupSteps } from "./steps";

interface Props {
  capabilities: ProductCapability[];
  nextStep: SetupStep | null | undefined;
  backOfficeLastCallAt: string | null | undefined;
  /** Ids of the page's blocks where the steps are taken. */
  blocks: Partial<Record<Step, string>>;
}

/** The order to follow, as a list with the state of each step. */
export function SetupChecklist({ capabilities, nextStep, backOfficeLastCallAt, blocks }: Props) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("steps.title")}>
      <ol className="steps">
        {setupSteps(capabilities, nextStep).map(({ step, state }, index) => (
          <li key={step} className="step" data-state={state} aria-current={state === "current" ? "step" : undefined}>
            <span className="step-mark" aria-hidden>
              {state === "done" ? <IconCheck size={16} stroke={2.5} /> : index + 1}
            </span>
            <div>
              <Text fw={600} size="sm">
                <StepName block={blocks[step]}>
                  {t("steps.numbered", { number: index + 1, name: t(`steps.${step}`) })}
                </StepName>
              </Text>
              <Text size="xs" c="dimmed">
                {step === "BACK_OFFICE" && state === "done" && backOfficeLastCallAt ? (
                  <>
                    {t("steps.lastCall")} <TimeText value={backOfficeLastCallAt} />
                  </>
                ) : (
                  t(`steps.state.${state}`)
                )}
              </Text>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A step's name leads to the block where the step is taken. */
function StepName({ block, children }: { block: string | undefined; children: ReactNode }) {
  if (!block) return children;
  return (
    <AnchorLink to="." hash={block} inherit c="inherit">
      {children}
    </AnchorLink>
  );
}
