import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * The parts of a catalogue that the first look at most pages needs nothing of, with the first parts of their keys. They
 * are fetched with the first part of the page that comes later (components/later.tsx), and with the pages that say so
 * (app/router.tsx). The test of the budget holds it.
 */
export const laterTexts: Readonly<Record<string, readonly string[]>> = {
  account: ["myAccount", "recoveryCodes", "sessions", "shortcuts"],
  audit: ["accountChanges", "audit"],
  due: ["due", "installation", "secondFactorAdvice"],
  history: ["history"],
  later: ["confirmShop", "connect", "edit", "find", "install", "once", "share", "stepUp", "tell", "token"],
  leak: ["leak"],
  operators: ["madeKeys", "operator", "serviceToken"],
  settings: ["app", "settings"],
  setup: ["password", "passwordLink", "privacy", "setup"],
};

const partOf = (name: string) => Object.keys(laterTexts).find((part) => laterTexts[part]?.includes(name)) ?? "first";

/**
 * Makes smaller modules of files with texts: texts.json?only=en has those in one language, and pt-BR.json?part=later
 * a part of the catalogue.
 */
export function texts(): Plugin {
  return {
    name: "texts",
    enforce: "pre",
    load(id) {
      const [, file, which, value] = /^(.*\.json)\?(only|part)=(.*)$/.exec(id) ?? [];
      if (!file || !value) return;
      this.addWatchFile(file);
      const all: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
      const wanted =
        which === "only"
          ? all[value]
          : Object.fromEntries(Object.entries(all).filter(([name]) => partOf(name) === value));
      return { code: `export default ${JSON.stringify(wanted)}`, moduleType: "js" };
    },
  };
}
