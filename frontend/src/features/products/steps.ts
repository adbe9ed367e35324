import type { ProductCapability, SetupStep } from "@/gql/graphql";

export type Step = "PRODUCT" | SetupStep;
export type StepState = "done" | "current" | "pending";

const order: SetupStep[] = ["MARKETPLACE", "ACCESS_KEY", "BACK_OFFICE"];
const neededCapability: Record<SetupStep, ProductCapability> = {
  MARKETPLACE: "MARKETPLACES",
  ACCESS_KEY: "ACCESS_KEYS",
  BACK_OFFICE: "ACCESS_KEYS",
};

/** The steps that a product's capabilities ask for, each with its state; `next` is the server's word. */
export function setupSteps(capabilities: ProductCapability[], next: SetupStep | null | undefined) {
  const steps: { step: Step; state: StepState }[] = [{ step: "PRODUCT", state: "done" }];
  for (const step of order) {
    if (!capabilities.includes(neededCapability[step])) continue;
    const done = !next || order.indexOf(step) < order.indexOf(next);
    steps.push({ step, state: done ? "done" : step === next ? "current" : "pending" });
  }
  return steps;
}
