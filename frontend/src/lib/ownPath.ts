/**
 * The path of a page of ours, to go on to after logging in; nothing for what would lead elsewhere. A browser reads some
 * characters as others, or not at all: so it is asked where the text leads, beside how it looks.
 */
export function ownPath(text: unknown, origin = window.location.origin): string | undefined {
  if (typeof text !== "string" || !/^\/(?![/\\])/.test(text)) return undefined;
  try {
    return new URL(text, origin).origin === origin ? text : undefined;
  } catch {
    return undefined;
  }
}
