import type { i18n, TFunction } from "i18next";
import { useSyncExternalStore } from "react";

/** Texts by the parts of their key. */
export interface Texts {
  [part: string]: string | Texts;
}

type Values = Readonly<Record<string, unknown>>;

/** A function that says the texts of a language: with `values` in them, and in the plural form of their `count`. */
export function createSpeaker(texts: Texts, language: string) {
  const plurals = new Intl.PluralRules(language);
  const find = (key: string) => {
    const found = key
      .split(".")
      .reduce<string | Texts | undefined>((at, part) => (typeof at === "object" ? at[part] : undefined), texts);
    return typeof found === "string" ? found : undefined;
  };
  const inForm = (key: string, count: unknown) =>
    typeof count === "number" ? (find(`${key}_${plurals.select(count)}`) ?? find(`${key}_other`)) : undefined;
  const say = (key: string, values: Values = {}) => {
    const text = inForm(key, values.count) ?? find(key) ?? values.defaultValue ?? key;
    return String(text).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ""));
  };
  return { say, knows: (key: string) => find(key) !== undefined };
}

let spoken: Texts = {};
let speaker = createSpeaker(spoken, "en");
const listeners = new Set<() => void>();

/** What the page uses of i18next. Its types stay: they know each key. */
export const speech = {
  language: "",
  get t() {
    return speaker.say as TFunction;
  },
  exists: (key: string) => speaker.knows(key),
};

/** Speaks a language from now on. */
export function speak(language: string, texts: Texts) {
  spoken = texts;
  speaker = createSpeaker(spoken, language);
  speech.language = language;
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/** Adds texts of the language that is spoken. Nothing is drawn again: what says them has waited for them. */
export function addTexts(texts: Texts, language: string) {
  if (language === speech.language) Object.assign(spoken, texts);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The speaker as React state: a change of the language draws again what says something. */
export function useTranslation() {
  const t = useSyncExternalStore(subscribe, () => speech.t);
  return { t, i18n: speech as unknown as i18n };
}

export default speech;
