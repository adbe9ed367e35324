import { graphql } from "@/gql";
import type { UserErrorFieldsFragment } from "@/gql/graphql";

graphql(`
  fragment UserErrorFields on UserError {
    code
    field
    message
    relatedId
    edits { at by fields }
  }
`);

export type UserError = UserErrorFieldsFragment;

/** Names the form field for the path of an input field. */
export type FieldFor = (path: readonly string[]) => string | undefined;

const firstMember: FieldFor = (path) => path[0];

/** Parts user errors into those of fields that the form has (the first of each) and the rest. */
export function splitUserErrors(
  errors: readonly UserError[],
  hasField: (name: string) => boolean,
  fieldFor = firstMember,
) {
  const fields: Record<string, UserError> = {};
  const general: UserError[] = [];
  for (const error of errors) {
    const name = fieldFor(error.field);
    if (name === undefined || !hasField(name)) general.push(error);
    else fields[name] ??= error;
  }
  return { fields, general };
}
