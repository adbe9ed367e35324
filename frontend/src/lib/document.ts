import type { DocumentKind } from "@/gql/graphql";

/** How many characters each has, without punctuation. */
export const lengths = { CNPJ: 14, CPF: 11 } as const satisfies Record<DocumentKind, number>;

/** What is wrong with a CNPJ or CPF. */
export type DocumentProblem = "characters" | "length" | "checkDigits";

export interface DocumentCheck {
  /** Without punctuation, upper case. */
  document: string;
  /** Which document it is by its length; undefined while it is neither. */
  kind?: DocumentKind;
  problem?: DocumentProblem;
}

/** What nobody sees in a text, though a paste brings it along. */
const hidden = "\\s\\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0";
const around = new RegExp(`^[${hidden}\\p{Pi}\\p{Pf}"'\`´„‚]+|[${hidden}\\p{Pi}\\p{Pf}"'\`´„‚]+$`, "gu");
const inside = new RegExp(`[${hidden}./\\p{Pd}\u2212]`, "gu");

/**
 * Drops quotes around, and blanks, hidden characters, dashes, dots and slashes anywhere. Nothing else: a CNPJ may have
 * letters since July 2026. Only ASCII is raised, as a dotless i is none of its letters.
 */
export const normalizeDocument = (text: string) =>
  text
    .replace(around, "")
    .replace(inside, "")
    .replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Whether a text tells the CPF of a person, which stays out of addresses: it does so from its ninth digit on. */
export function tellsCPF(text: string): boolean {
  const { document, kind, problem } = checkDocument(text);
  return /^[0-9]{9,10}$/.test(document) || (kind === "CPF" && !problem);
}

/** Checks a CNPJ (numeric or alphanumeric, IN RFB 2.229/2024) or a CPF. The server stays the judge. */
export function checkDocument(text: string): DocumentCheck {
  const document = normalizeDocument(text);
  if (!/^[0-9A-Z]*$/.test(document)) return { document, problem: "characters" };
  if (document.length === 14) {
    if (!/^[0-9A-Z]{12}[0-9]{2}$/.test(document)) return { document, kind: "CNPJ", problem: "characters" };
    const base = document.slice(0, 12);
    const good = base !== "000000000000" && document === withCheckDigits(base, 9);
    return { document, kind: "CNPJ", problem: good ? undefined : "checkDigits" };
  }
  if (/^[0-9]{11}$/.test(document)) {
    const base = document.slice(0, 9);
    const good = !/^(.)\1+$/.test(document) && document === withCheckDigits(base, 11);
    return { document, kind: "CPF", problem: good ? undefined : "checkDigits" };
  }
  return { document, problem: "length" };
}

/** Weights grow from 2 at the right end to `highest` and start again; a character counts as its ASCII code less 48. */
function withCheckDigits(base: string, highest: number): string {
  let text = base;
  for (let digit = 0; digit < 2; digit++) {
    const sum = [...text].reduceRight(
      ({ total, weight }, character) => ({
        total: total + (character.charCodeAt(0) - 48) * weight,
        weight: weight === highest ? 2 : weight + 1,
      }),
      { total: 0, weight: 2 },
    ).total;
    const rest = sum % 11;
    text += rest < 2 ? "0" : String(11 - rest);
  }
  return text;
}

/** The usual punctuation: 12.ABC.345/01DE-35, 390.533.447-05. Anything else comes back as it is. */
export function formatDocument(text: string): string {
  const document = normalizeDocument(text);
  if (document.length === 14) return document.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5");
  if (document.length === 11) return document.replace(/^(...)(...)(...)(..)$/, "$1.$2.$3-$4");
  return text;
}
