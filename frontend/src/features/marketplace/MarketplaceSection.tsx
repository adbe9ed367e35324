import { Stack } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { AddableSection } from "@/components/AddableSection";
import { EmptyState } from "@/components/EmptyState";
import { FormDialog } from "@/components/form";
import { later } from "@/components/later";
import { notify } from "@/components/notify";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { useAbilities } from "@/lib/session";
import type { IssuedLink } from "./install/InstallWays";
import { MarketplaceRow } from "./MarketplaceRow";

const AddMarketplaceDialog = later(() =>
  import("./AddMarketplaceDialog").then((module) => module.AddMarketplaceDialog),
);
const InstallDialog = later(() => import("./install/InstallDialog").then((module) => module.InstallDialog));
const EditMarketplaceForm = later(() => import("./MarketplaceForm").then((module) => module.EditMarketplaceForm));

interface Props {
  /** Where links to the block lead. */
  id: string;
  clientProductId: string;
  /** Name of the client. */
  client: string;
  marketplaces: MarketplaceFieldsFragment[];
  /** Why nothing can be added now. */
  blocked?: string;
  /** Shows how a connection worked lately. */
  history?: (marketplace: MarketplaceFieldsFragment) => ReactNode;
}

/** What a dialog is about. It stays while the dialog closes, so that its words do not vanish before it does. */
interface Open {
  dialog: "add" | "edit" | "install" | undefined;
  marketplace?: MarketplaceFieldsFragment;
  link?: IssuedLink;
}

/** The block Marketplace of a client's product. */
export function MarketplaceSection({ id, clientProductId, client, marketplaces, blocked, history }: Props) {
  const { t } = useTranslation();
  const { write } = useAbilities();
  const [open, setOpen] = useState<Open>({ dialog: undefined });
  const close = () => setOpen((before) => ({ ...before, dialog: undefined }));
  // The install goes on elsewhere, and others may save what is open: the dialogs follow what is read again.
  const current = marketplaces.find((marketplace) => marketplace.id === open.marketplace?.id) ?? open.marketplace;

  return (
    <AddableSection
      id={id}
      title={t("marketplace.title")}
      lead={t("marketplace.lead")}
      addable={write}
      blocked={blocked}
      onAdd={() => setOpen({ dialog: "add" })}
    >
      {marketplaces.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={26} />} title={t("marketplace.empty")}>
          {blocked ? undefined : t(write ? "marketplace.emptyHelp" : "marketplace.emptyViewer")}
        </EmptyState>
      ) : (
        <Stack component="ul" className="plain-list" gap="lg">
          {marketplaces.map((marketplace) => (
            <MarketplaceRow
              key={marketplace.id}
              marketplace={marketplace}
              client={client}
              history={history?.(marketplace)}
              onEdit={() => setOpen({ dialog: "edit", marketplace })}
              onLink={(link) => setOpen({ dialog: "install", marketplace, link })}
            />
          ))}
        </Stack>
      )}
      <AddMarketplaceDialog
        clientProductId={clientProductId}
        client={client}
        opened={open.dialog === "add"}
        onClose={close}
        onInstall={(marketplace) => setOpen({ dialog: "install", marketplace })}
      />
      <FormDialog
        opened={open.dialog === "edit"}
        onClose={close}
        title={t("marketplace.editTitle", { name: open.marketplace?.description, client })}
      >
        {current && (
          <EditMarketplaceForm
            clientProductId={clientProductId}
            marketplace={current}
            onDone={() => notify.done(t("marketplace.saved"))}
          />
        )}
      </FormDialog>
      <InstallDialog
        opened={open.dialog === "install"}
        onClose={close}
        client={client}
        marketplace={current}
        link={open.link}
        onLink={(link) => setOpen((before) => ({ ...before, dialog: "install", link }))}
      />
    </AddableSection>
  );
}
