import { Button, Group, type ModalProps, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { createContext, Fragment, type ReactNode, use, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/lib/session";
import { useStepUpAsked } from "@/lib/stepUp";
import { ApiError } from "@/lib/transport";
import { type FieldFor, splitUserErrors, type UserError } from "@/lib/userErrors";
import { useConfirmDiscard, useQuestion } from "./confirm";
import { useSecondsUntil } from "./countdown";
import { ErrorAlert } from "./ErrorAlert";
import type { Edit } from "./edit";
import { focusFirstField } from "./focus";
import { laterDialog } from "./later";
import { UserErrors, UserErrorText } from "./UserErrors";

const Modal = laterDialog<ModalProps>(() => import("./Modal").then((module) => module.Modal));

interface Payload {
  userErrors: readonly UserError[];
}

export interface Submission<V extends object, P extends Payload> {
  form: UseFormReturnType<V>;
  /** Sends the values; answers with the mutation's payload. */
  send: (values: V) => Promise<P>;
  onDone: (payload: P) => void;
  /** Which field shows the error of an input's path; by default the path's first member. */
  fieldFor?: FieldFor;
  /** Of a form that changes what others may save too. */
  edit?: Edit;
}

/** User errors by field, as a form shows them. */
export const fieldErrors = (errors: Record<string, UserError>) =>
  Object.fromEntries(Object.entries(errors).map(([name, error]) => [name, <UserErrorText key={name} error={error} />]));

/** Sends a form and puts what the server says where it belongs: at the field, or above the buttons. */
export function useSubmit<V extends object, P extends Payload>(submission: Submission<V, P>) {
  const { form, send, onDone, fieldFor, edit } = submission;
  const queryClient = useQueryClient();
  const [general, setGeneral] = useState<UserError[]>([]);
  const mutation = useMutation({ mutationFn: send });
  // The mutation tells that it runs a moment later: a second click may come before.
  const sending = useRef(false);
  const wait = useSecondsUntil(mutation.error instanceof ApiError ? mutation.error.retryAt : undefined);

  const focusFirst = (names: string[]) => {
    for (const name of names) {
      const node = form.getInputNode(name as never);
      if (node) return node.focus();
    }
  };

  const submit = form.onSubmit(
    (values) => {
      if (sending.current || wait > 0) return;
      sending.current = true;
      setGeneral([]);
      mutation.mutate(values, {
        onSettled: () => {
          sending.current = false;
        },
        onSuccess: (payload) => {
          if (payload.userErrors.length === 0) {
            void queryClient.invalidateQueries();
            onDone(payload);
            return;
          }
          const conflict = payload.userErrors.find(({ code }) => code === "CONFLICT");
          if (conflict && edit) {
            edit.refused(conflict.edits);
            void queryClient.invalidateQueries();
            return;
          }
          const errors = splitUserErrors(payload.userErrors, (name) => name in form.getValues(), fieldFor);
          form.setErrors(fieldErrors(errors.fields));
          setGeneral(errors.general);
          focusFirst(Object.keys(errors.fields));
        },
      });
    },
    (errors) => focusFirst(Object.keys(errors)),
  );

  const problems = (
    <>
      {edit?.notice}
      <UserErrors errors={general} />
      {mutation.isError && <ErrorAlert error={mutation.error} />}
    </>
  );
  return {
    submit,
    /** For the button that sends. */
    button: { type: "submit", loading: mutation.isPending, disabled: wait > 0 } as const,
    problems,
  };
}

interface DialogContext {
  /** Closes without asking. */
  close: () => void;
  /** Closes, but asks first when something typed would be lost. */
  leave: () => void;
  watch: (isDirty: () => boolean) => void;
}

const FormDialogContext = createContext<DialogContext | null>(null);

export function useFormDialog(): DialogContext {
  const context = use(FormDialogContext);
  if (!context) throw new Error("useFormDialog outside of a FormDialog");
  return context;
}

interface FormDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  size?: string;
  children: ReactNode;
}

/** A dialog around a form: what was typed is not lost by leaving it, nor by leaving the page. */
export function FormDialog({ opened, onClose, title, size = "lg", children }: FormDialogProps) {
  const { t } = useTranslation();
  const confirmDiscard = useConfirmDiscard();
  const confirming = useQuestion() !== undefined;
  const asked = useStepUpAsked();
  const expired = useSession().status === "expired";
  const onTop = !confirming && !asked && !expired;
  // One that is opened while it still closes begins anew: else it would keep what it knew of the row before.
  const [before, setBefore] = useState({ opened, times: 0 });
  if (before.opened !== opened) setBefore({ opened, times: before.times + (opened ? 1 : 0) });
  const dirty = useRef<() => boolean>(() => false);
  useEffect(() => {
    if (!opened) dirty.current = () => false;
  }, [opened]);

  useBlocker({
    shouldBlockFn: async () => dirty.current() && !(await confirmDiscard()),
    enableBeforeUnload: () => dirty.current(),
    disabled: !opened,
  });

  const close = () => {
    dirty.current = () => false;
    onClose();
  };
  const leave = async () => {
    if (!dirty.current() || (await confirmDiscard())) close();
  };

  return (
    <Modal
      opened={opened}
      onClose={() => void leave()}
      title={title}
      size={size}
      closeOnEscape={onTop}
      trapFocus={onTop}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <FormDialogContext
        value={{
          close,
          leave: () => void leave(),
          watch: (isDirty) => {
            dirty.current = isDirty;
          },
        }}
      >
        <Fragment key={before.times}>{children}</Fragment>
      </FormDialogContext>
    </Modal>
  );
}

interface DialogFormProps<V extends object, P extends Payload> extends Submission<V, P> {
  submitLabel: string;
  /** The button is red: what it does cannot be undone. */
  destroys?: boolean;
  children: ReactNode;
}

/** The form of a FormDialog: fields, what is wrong, and the two buttons. Closes when it is done. */
export function DialogForm<V extends object, P extends Payload>(props: DialogFormProps<V, P>) {
  const { form, submitLabel, destroys, children, onDone } = props;
  const { t } = useTranslation();
  const { close, leave, watch } = useFormDialog();
  const { submit, button, problems } = useSubmit({
    ...props,
    onDone: (payload) => {
      close();
      onDone(payload);
    },
  });
  useEffect(() => watch(() => form.isDirty()));
  return (
    <form onSubmit={submit} noValidate ref={focusFirstField}>
      <Stack gap="md">
        {children}
        {problems}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={leave}>
            {t("action.cancel")}
          </Button>
          <Button color={destroys ? "red" : undefined} {...button}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
