import type { TFunction } from "i18next";
import { notify } from "@/components/notify";
import { loadTexts } from "@/i18n";
import { request } from "@/lib/graphql";
import { InstallOwner } from "./api";
import type { InstallResult } from "./result";

/** Name of the client that has the shop; undefined when it cannot be had. */
const nameOf = async (owner: string) => {
  try {
    return (await request(InstallOwner, { id: owner })).client?.name;
  } catch {
    return undefined; // the notice is said without it
  }
};

/** Says how an install ended. */
export async function sayEnd(t: TFunction, result: InstallResult, owner?: string) {
  await loadTexts("later");
  const name = result === "taken" && owner ? await nameOf(owner) : undefined;
  const show = result === "done" ? notify.done : notify.failed;
  show(name ? t("install.takenBy", { name }) : t(`install.result.${result}`), {
    id: `install ${result}`,
    title: t(result === "done" || result === "wrong-shop" ? "install.ended" : "install.notEnded"),
    stays: true,
  });
}
