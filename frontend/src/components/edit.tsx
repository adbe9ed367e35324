import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconUsers } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserError } from "@/lib/userErrors";
import { TimeText } from "./TimeText";

/** What the page shows of an object, by the name under which it shows it. */
export type Shown = Record<string, string>;

interface Options<T, V extends object> {
  form: UseFormReturnType<V>;
  /** The object as the page knows it now: it changes when somebody else saves it. None for a new one. */
  object: T | undefined;
  /** What the form has for an object that nobody has typed into. */
  valuesOf: (object: T | undefined) => V;
  /** What is told of a change: each with what it was and is. */
  shownOf: (object: T) => Shown;
}

/** An edit of an object that others may save too. */
export interface Edit {
  /** The version that the person has seen: to be sent with the change. */
  version: number | undefined;
  /** Says that somebody else has saved it, what that was, and asks what is to become of what was typed. */
  notice: ReactNode;
  /** The server has refused to save over somebody else's change. */
  refused: (by: UserError["edits"]) => void;
}

/**
 * Keeps a form in step with an object that others may save. Without anything typed the form just takes what is new. Else
 * the person is told, and what was typed stays: "keep mine" takes over the fields of the other that the person has not
 * touched, so that nobody's work is undone unseen.
 */
export function useEdit<T extends { version: number }, V extends object>(options: Options<T, V>): Edit {
  const { form, object, valuesOf, shownOf } = options;
  const [seen, setSeen] = useState(object);
  const [refusal, setRefusal] = useState<UserError["edits"]>();
  const isNew = object?.version !== seen?.version;

  const take = (keep: boolean) => {
    const next = valuesOf(object);
    const typed = form.getValues();
    const kept = Object.keys(next).filter((name) => keep && form.isDirty(name as never)) as (keyof V)[];
    form.setInitialValues(next);
    form.setValues({ ...next, ...Object.fromEntries(kept.map((name) => [name, typed[name]])) } as Partial<V>);
    form.clearErrors();
    setSeen(object);
    setRefusal(undefined);
  };

  const untouched = isNew && !refusal && !form.isDirty();
  useEffect(() => {
    if (untouched) take(false);
  });

  return {
    version: seen?.version,
    refused: setRefusal,
    notice: object && seen && (refusal || (isNew && !untouched)) && (
      <OthersChange
        edits={refusal ?? []}
        before={shownOf(seen)}
        now={shownOf(object)}
        mine={isNew ? () => take(true) : undefined}
        theirs={isNew ? () => take(false) : undefined}
      />
    ),
  };
}

interface ChangeProps {
  edits: UserError["edits"];
  before: Shown;
  now: Shown;
  mine?: () => void;
  theirs?: () => void;
}

function OthersChange({ edits, before, now, mine, theirs }: ChangeProps) {
  const { t } = useTranslation();
  const [told, setTold] = useState(false);
  const differences = Object.keys({ ...before, ...now }).filter((name) => before[name] !== now[name]);
  const [last] = edits;
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<IconUsers />}
      title={last ? t("edit.changedBy", { who: last.by }) : t("edit.changed")}
    >
      <Stack gap="xs">
        <Text size="sm">
          {last && (
            <>
              <TimeText value={last.at} />
              {". "}
            </>
          )}
          {t("edit.keepsTyped")}
        </Text>
        {told && (
          <dl className="facts">
            {differences.length === 0 && <Text size="sm">{t("edit.nothingShown")}</Text>}
            {differences.map((name) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="break">
                  <del>{before[name] || "—"}</del>
                  {" → "}
                  {now[name] || "—"}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <Group gap="xs">
          {!told && (
            <Button size="xs" variant="default" onClick={() => setTold(true)}>
              {t("edit.show")}
            </Button>
          )}
          {mine && (
            <Button size="xs" onClick={mine}>
              {t("edit.mine")}
            </Button>
          )}
          {theirs && (
            <Button size="xs" variant="default" onClick={theirs}>
              {t("edit.theirs")}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
