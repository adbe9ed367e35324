import type { TFunction } from "i18next";
import type { AccessKeyFieldsFragment, ClientProductQuery } from "@/gql/graphql";
import { formatDateTime } from "@/lib/format";
import { organization } from "@/lib/organization";
import { firstRequest, integrationQuery } from "./firstRequest";

/** Whose key it is, as the hand-over names it. */
export type KeyClient = Pick<
  Extract<NonNullable<ClientProductQuery["node"]>, { __typename: "ClientProduct" }>["client"],
  "name" | "documentKind" | "documentFormatted"
>;

/** A new key on its way to whoever sets up the back-office. */
export interface HandOver {
  client: KeyClient;
  accessKey: AccessKeyFieldsFragment;
  token: string;
  /** The origin of the portal. */
  portal: string;
}

interface Words {
  t: TFunction;
  language: string;
}

/** The address that the back-office calls. */
export const apiAddress = (portal: string) => `${portal}/graphql`;

/** What a back-office's team has to know of a key: whose it is, where it calls, and the key. Screen, file, paper and message have it. */
export function handOverFacts({ t, language }: Words, { client, accessKey, token, portal }: HandOver) {
  const facts: [label: string, value: string][] = [
    [t("accessKey.client"), client.name],
    [client.documentKind ?? t("document.label"), client.documentFormatted],
    [t("token.address"), apiAddress(portal)],
    [t("accessKey.name"), accessKey.name],
    [t("token.key"), token],
  ];
  if (accessKey.expiresAt) facts.push([t("accessKey.expiry"), formatDateTime(accessKey.expiresAt, language)]);
  return facts;
}

const asText = (facts: [string, string][], newline: string) =>
  facts.map(([label, value]) => `${label}: ${value}`).join(newline);

/** The file: everything, and the first request ready to be sent. */
export function handOverFile(words: Words, handOver: HandOver): string {
  const { t } = words;
  return [
    t("token.fileTitle"),
    ...(organization() ? [organization()] : []),
    "",
    asText(handOverFacts(words, handOver), "\r\n"),
    "",
    t("token.keepSecret"),
    "",
    integrationQuery.replaceAll("\n", "\r\n"),
    "",
    firstRequest(handOver.portal, handOver.token),
    "",
  ].join("\r\n");
}

/** A text as a part of a file's name: what every system takes. */
const filePart = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-|-$/g, "");

/** The file's name tells whose key it is, and which. */
export const handOverFileName = ({ client, accessKey }: Pick<HandOver, "client" | "accessKey">) =>
  [filePart(client.name), `${accessKey.visiblePart}.txt`].filter(Boolean).join("-");

/** The first line of a message, which names the client and holds no secret: it may stand in an address. */
export const handOverGreeting = (t: TFunction, { client }: Pick<HandOver, "client">) =>
  t("token.message.greeting", { client: client.name });

/** The message for the back-office's team, with the key. */
export const handOverMessage = (words: Words, handOver: HandOver): string =>
  [
    handOverGreeting(words.t, handOver),
    asText(handOverFacts(words, handOver), "\n"),
    words.t("token.message.use"),
    words.t("token.keepSecret"),
    ...(organization() ? [organization()] : []),
  ].join("\n\n");
