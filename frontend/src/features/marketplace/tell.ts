import type { TFunction } from "i18next";
import type { MarketplaceHealthReason } from "@/gql/graphql";
import { organization } from "@/lib/organization";

/** The reasons that a merchant has to hear of, by the sentence that says it. */
const sentences = {
  SUSPENDED_BY_PROVIDER: "suspended",
  PASSWORD_REFUSED: "password",
  TOKEN_REFUSED: "token",
  RENEWAL_REFUSED: "token",
  RENEWAL_LOST: "token",
  RENEWAL_INCOMPLETE: "token",
  CREDENTIALS_END_SOON: "tokenEnds",
  ACCESS_REVOKED: "revoked",
  STORE_UNKNOWN: "unknown",
  WRONG_SHOP: "wrongShop",
} as const satisfies Partial<Record<MarketplaceHealthReason, string>>;

const hasSentence = (reason: MarketplaceHealthReason): reason is keyof typeof sentences => reason in sentences;

/** How a message begins: with the house's name, where it is known. */
export const hello = (t: TFunction) => {
  const house = organization();
  return house ? t("tell.hello", { house }) : t("tell.helloPlain");
};

/** What to write to the merchant of a connection that he has to help with; undefined where he need not. */
export function messageFor(
  t: TFunction,
  reason: MarketplaceHealthReason,
  { client, provider }: { client: string; provider: string },
): string | undefined {
  if (!hasSentence(reason)) return undefined;
  return `${hello(t)}\n\n${t(`tell.${sentences[reason]}`, { client, provider })}`;
}
