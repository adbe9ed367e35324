import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import ptBR from "./pt-BR.json";

export const languages = ["pt-BR", "en"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof ptBR };
    returnNull: false;
  }
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

void i18next.use(initReactI18next).init({
  resources: { "pt-BR": { translation: ptBR }, en: { translation: en } },
  lng: chosenLanguage(),
  fallbackLng: false,
  interpolation: { escapeValue: false },
  returnNull: false,
});

export function changeLanguage(language: Language) {
  localStorage.setItem(storageKey, language);
  return i18next.changeLanguage(language);
}

export default i18next;
