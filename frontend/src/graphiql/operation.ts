import { Kind, type OperationDefinitionNode, parse } from "graphql";

/**
 * Names the operation of a document that is to run, undefined when the document must say so itself. GraphiQL reads a
 * document a moment after it is shown; until then it asks for the operation of the tab before. Of such a name only what
 * the document has is kept, and a document with one operation runs that.
 */
export function operationToRun(query: string, chosen?: string | null): string | undefined {
  const names = operationNames(query);
  if (!names) return chosen ?? undefined;
  if (chosen && names.includes(chosen)) return chosen;
  return names.length === 1 ? names[0] : undefined;
}

/** The names of a document's operations, undefined for one without; undefined for what does not parse. */
function operationNames(query: string): (string | undefined)[] | undefined {
  try {
    return parse(query, { noLocation: true })
      .definitions.filter(
        (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
      )
      .map((operation) => operation.name?.value);
  } catch {
    return undefined;
  }
}
