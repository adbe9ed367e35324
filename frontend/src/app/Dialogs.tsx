import { Notifications } from "@mantine/notifications";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ReloginDialog } from "@/features/session/ReloginDialog";
import { StepUpDialog } from "@/features/session/StepUpDialog";

/** What may come over any page: notices, questions, and the log-in of who must prove who it is. */
export function Dialogs() {
  return (
    <>
      <Notifications position="bottom-right" containerWidth={400} />
      <ConfirmDialog />
      <StepUpDialog />
      <ReloginDialog />
    </>
  );
}
