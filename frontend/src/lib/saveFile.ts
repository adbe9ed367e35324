/** The media type of a text that people read. */
export const plainText = "text/plain;charset=utf-8";

/** Lets the browser save a text or a blob as a file. */
export function saveFile(name: string, content: Blob | string, type = "application/json;charset=utf-8") {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
