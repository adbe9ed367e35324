import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type ptBR from "./pt-BR.json";

export const languages = ["pt-BR", "en"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof ptBR };
    returnNull: false;
  }
}

/** The texts of the providers: each has them in its folder, and they are keys that begin with provider.FOLDER. */
const inFolders = import.meta.glob<Record<Language, object>>("../providers/*/texts.json", {
  eager: true,
  import: "default",
});

const provider = (language: Language) =>
  Object.fromEntries(Object.entries(inFolders).map(([path, texts]) => [path.split("/").at(-2), texts[language]]));

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  "pt-BR": () => import("./pt-BR.json"),
  en: () => import("./en.json"),
};

/** Fetches the texts of a language, of which the page has but the one that it speaks. */
export async function loadLanguage(language: Language) {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const { default: texts } = await catalogues[language]();
  i18next.addResourceBundle(language, "translation", { ...texts, provider: provider(language) });
}

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

i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

/** Ends when the page can speak; before that it shows nothing. */
export async function startSpeaking() {
  const language = chosenLanguage();
  await i18next.use(initReactI18next).init({
    resources: {},
    lng: language,
    fallbackLng: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await loadLanguage(language);
}

export async function changeLanguage(language: Language) {
  await loadLanguage(language);
  localStorage.setItem(storageKey, language);
  return i18next.changeLanguage(language);
}

export default i18next;
