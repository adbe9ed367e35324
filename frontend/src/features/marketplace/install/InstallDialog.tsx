import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { FormDialog, useFormDialog } from "@/components/form";
import { ShareLinks } from "@/components/ShareLinks";
import { TimeText } from "@/components/TimeText";
import type { MarketplaceFieldsFragment } from "@/gql/graphql";
import { formatBrasilia } from "@/lib/format";
import { organization } from "@/lib/organization";
import { providerOf } from "@/providers";
import { remedyOf } from "../health";
import { hello } from "../tell";
import { InstallWays, type IssuedLink } from "./InstallWays";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** Whom the shop belongs to. */
  client: string;
  marketplace: MarketplaceFieldsFragment | undefined;
  /** A link that was just made; without one the dialog offers the two ways. */
  link: IssuedLink | undefined;
  onLink: (link: IssuedLink) => void;
}

/** How the merchant connects the shop: first the choice of the way, then the link when that was chosen. */
export function InstallDialog({ opened, onClose, client, marketplace, link, onLink }: Props) {
  const { t } = useTranslation();
  return (
    <FormDialog
      opened={opened}
      onClose={onClose}
      title={link ? t("install.linkTitle", { client }) : t("install.title", { name: marketplace?.description, client })}
    >
      {marketplace && <Content client={client} marketplace={marketplace} link={link} onLink={onLink} />}
    </FormDialog>
  );
}

type ContentProps = Omit<Props, "opened" | "onClose" | "marketplace"> & { marketplace: MarketplaceFieldsFragment };

function Content({ client, marketplace, link, onLink }: ContentProps) {
  const { t } = useTranslation();
  const { close } = useFormDialog();
  const accepted = remedyOf(marketplace.health.reason, true) !== "install";
  return (
    <Stack gap="md">
      <div role="status">
        {accepted && (
          <Alert color="green" role="note" icon={<IconCircleCheck />} title={t("install.accepted")}>
            {marketplace.health.message}
          </Alert>
        )}
      </div>
      {!accepted &&
        (link ? (
          <Link client={client} marketplace={marketplace} link={link} />
        ) : (
          <InstallWays marketplace={marketplace} client={client} onLink={onLink} />
        ))}
      <Group justify="flex-end">
        <Button variant={accepted ? "filled" : "default"} onClick={close}>
          {t("action.close")}
        </Button>
      </Group>
    </Stack>
  );
}

interface LinkProps {
  client: string;
  marketplace: MarketplaceFieldsFragment;
  link: IssuedLink;
}

function Link({ client, marketplace, link: { url, expiresAt } }: LinkProps) {
  const { t, i18n } = useTranslation();
  const provider = providerOf(marketplace.provider).name;
  const house = organization();
  const until = t("install.shareTime", formatBrasilia(expiresAt, i18n.language));
  const message = [
    hello(t),
    t("install.shareText", { provider, client }),
    url,
    t("install.shareUntil", { until }),
  ].join("\n\n");
  const subject = house ? t("install.shareSubject", { provider, house }) : t("install.shareSubjectPlain", { provider });
  return (
    <>
      <Alert color="yellow" role="note" icon={<IconAlertTriangle />} title={t("install.onceTitle")}>
        {t("install.onceBody")}
      </Alert>
      <Text size="sm">
        {t("install.for", { client, name: marketplace.description })} {t("install.goodUntil")}{" "}
        <TimeText value={expiresAt} as="minute" />. {t("install.merchantOnly", { provider })}
      </Text>
      <CodeBlock label={t("install.linkLabel")} text={url} />
      <Group gap="sm">
        <CopyButton text={url} label={t("install.copy")} variant="filled" />
        <ShareLinks text={message} subject={subject} />
      </Group>
    </>
  );
}
