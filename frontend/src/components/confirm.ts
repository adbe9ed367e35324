import { type ReactNode, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

export interface Question {
  title: string;
  body: ReactNode;
  confirm: string;
  /** The button is red: what it does cannot be undone. */
  destroys?: boolean;
}

interface Asked extends Question {
  answer: (agreed: boolean) => void;
}

/** The questions that wait for an answer; the first is on the screen. */
let questions: readonly Asked[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Asked[]) {
  questions = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Asks before something is lost; answers false when the dialog is left in any other way. */
export const confirm = (question: Question) =>
  new Promise<boolean>((resolve) => {
    const asked: Asked = {
      ...question,
      answer: (agreed) => {
        change(questions.filter((one) => one !== asked));
        resolve(agreed);
      },
    };
    change([...questions, asked]);
  });

/** The question that is on the screen, for ConfirmDialog and for dialogs that must know whether they are on top. */
export const useQuestion = () => useSyncExternalStore(subscribe, () => questions[0]);

export const useConfirm = () => confirm;

export function useConfirmDiscard() {
  const { t } = useTranslation();
  return () =>
    confirm({ title: t("discard.title"), body: t("discard.body"), confirm: t("discard.confirm"), destroys: true });
}
