/** The name of the software house, as the server wrote it into the page; "" when it is not known. */
export function organization(): string {
  const name = document.querySelector<HTMLMetaElement>('meta[name="organization"]')?.content ?? "";
  return name.startsWith("__") ? "" : name; // the page of a development server has still the placeholder
}
