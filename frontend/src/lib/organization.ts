/** The name of the software house, as whatever serves the page wrote it there; "" when it is not known. */
export function organization(): string {
  const name = document.querySelector<HTMLMetaElement>('meta[name="organization"]')?.content ?? "";
  return name.startsWith("__") ? "" : name; // nobody replaced it: a development server, or a host that only serves files
}
