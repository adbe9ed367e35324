import { Anchor } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ReadyMessage } from "@/components/ReadyMessage";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { isWebAddress } from "@/lib/tab";
import { providerOf } from "@/providers";
import { messageFor } from "./tell";

interface Props {
  marketplace: MarketplaceFieldsFragment;
  client: string;
  panelUrl: string | null;
}

/** For what is mended at the provider or by the merchant: the provider's panel, and what to write to the merchant. */
export function WayOn({ marketplace: { health, provider: id }, client, panelUrl }: Props) {
  const { t } = useTranslation();
  const provider = providerOf(id).name;
  const message = messageFor(t, health.reason, { client, provider });
  if (!message) return null;
  return (
    <>
      {panelUrl && isWebAddress(panelUrl) && (
        <Anchor className="no-print" size="sm" href={panelUrl} target="_blank" rel="noopener noreferrer">
          {t("tell.panel", { provider })} <IconExternalLink size={14} aria-hidden />
        </Anchor>
      )}
      <ReadyMessage title={t("tell.title")} subject={t("tell.subject", { client, provider })} text={message} />
    </>
  );
}
