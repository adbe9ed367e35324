import type { TFunction } from "i18next";
import type { UserError } from "@/lib/userErrors";

/** A network as people write it: one of a single address is that address. */
export const plainNetwork = (network: string) => network.replace(network.includes(":") ? /\/128$/ : /\/32$/, "");

/** The lines of a text that have something, with their numbers. */
const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line, place) => ({ text: line.trim(), number: place + 1 }))
    .filter((line) => line.text !== "");

/** The addresses and networks of a text, one a line. */
export const addressesOf = (text: string) => linesOf(text).map((line) => line.text);

/** Says of errors in a list of addresses in which lines of the text they are, all in one. */
export function atLines(t: TFunction, text: string, errors: readonly UserError[]): UserError[] {
  const lines = linesOf(text);
  const ofLine = (error: UserError) => (error.field[0] === "addresses" ? lines[Number(error.field[1])] : undefined);
  const [first] = errors.filter(ofLine);
  if (!first) return [...errors];
  const message = errors
    .flatMap((error) => {
      const line = ofLine(error);
      return line ? [t("accessKey.atLine", { line: line.number, message: error.message })] : [];
    })
    .join(" ");
  return [...errors.filter((error) => !ofLine(error)), { ...first, field: ["addresses"], message }];
}
