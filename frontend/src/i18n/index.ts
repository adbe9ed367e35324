import type { i18n } from "i18next";
import type ptBR from "./pt-BR.json";
import { addTexts, speak, speech, type Texts } from "./speech";

export const languages = ["pt-BR", "en"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof ptBR };
    returnNull: false;
  }
}

/** The parts of a catalogue: build/texts.ts. */
type Part = "first" | "account" | "audit" | "due" | "history" | "later" | "leak" | "operators" | "settings" | "setup";

const catalogues: Record<Language, Record<Part, () => Promise<{ default: Texts }>>> = {
  "pt-BR": {
    first: () => import("./pt-BR"),
    account: () => import("./pt-BR.json?part=account"),
    audit: () => import("./pt-BR.json?part=audit"),
    due: () => import("./pt-BR.json?part=due"),
    history: () => import("./pt-BR.json?part=history"),
    later: () => import("./pt-BR.json?part=later"),
    leak: () => import("./pt-BR.json?part=leak"),
    operators: () => import("./pt-BR.json?part=operators"),
    settings: () => import("./pt-BR.json?part=settings"),
    setup: () => import("./pt-BR.json?part=setup"),
  },
  en: {
    first: () => import("./en"),
    account: () => import("./en.json?part=account"),
    audit: () => import("./en.json?part=audit"),
    due: () => import("./en.json?part=due"),
    history: () => import("./en.json?part=history"),
    later: () => import("./en.json?part=later"),
    leak: () => import("./en.json?part=leak"),
    operators: () => import("./en.json?part=operators"),
    settings: () => import("./en.json?part=settings"),
    setup: () => import("./en.json?part=setup"),
  },
};

/** The parts of its language that the page has asked for: another language needs the same. */
const wanted = new Set<Part>(["first"]);
const loaded = new Map<string, Texts>();

async function load(language: Language, part: Part): Promise<Texts> {
  const name = `${language} ${part}`;
  const texts = loaded.get(name) ?? (await catalogues[language][part]()).default;
  loaded.set(name, texts);
  return texts;
}

/** Fetches the texts of a language, of which the page has but the one that it speaks. */
async function loadLanguage(language: Language): Promise<Texts> {
  return Object.assign({}, ...(await Promise.all([...wanted].map((part) => load(language, part)))));
}

/** All parts but the first. */
export const laterParts = Object.keys(catalogues.en).filter((part) => part !== "first") as Part[];

/** Ends when the page has these parts of the texts too; at first it has those that most pages need at once. */
export async function loadTexts(...parts: Part[]) {
  for (const part of parts) wanted.add(part);
  const language = speech.language as Language;
  for (const texts of await Promise.all(parts.map((part) => load(language, part)))) addTexts(texts, language);
}

/** For the parts of the page that need more texts than most (build/texts.ts). */
export const withTexts = async <M>(part: Promise<M>, ...texts: Part[]) =>
  (await Promise.all([part, loadTexts(...texts)]))[0];

const storageKey = "chaveiro.language";

function chosenLanguage(): Language {
  const stored = localStorage.getItem(storageKey);
  const known = languages.find((language) => language === stored);
  if (known) return known;
  for (const wanted of navigator.languages) {
    if (wanted.toLowerCase().startsWith("pt")) return "pt-BR";
    if (wanted.toLowerCase().startsWith("en")) return "en";
  }
  return "pt-BR";
}

/** Ends when the page can speak; before that it shows nothing. */
export async function startSpeaking() {
  const language = chosenLanguage();
  speak(language, await loadLanguage(language));
}

export async function changeLanguage(language: Language) {
  const texts = await loadLanguage(language);
  localStorage.setItem(storageKey, language);
  speak(language, texts);
}

export default speech as unknown as i18n;
