import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/components/CodeBlock";
import { CopyButton } from "@/components/CopyButton";
import { LostDialog, OnceDialog } from "@/components/OnceDialog";
import type { ServiceTokenFieldsFragment } from "@/gql/graphql";
import { curlRequest } from "@/lib/curl";
import { portalOrigin } from "@/lib/portal";

/** A token that was just made. It is null when a repeated request could not tell it again. */
export interface IssuedToken {
  serviceToken: ServiceTokenFieldsFragment;
  token: string | null;
}

interface Props {
  issued: IssuedToken | undefined;
  onClose: () => void;
}

const firstQuery = "query Clients { clients(first: 5) { totalCount edges { node { id name document } } } }";

/** Shows a new token, this once: to copy, and in a request that is ready to be sent. */
export function ServiceTokenDialog({ issued, onClose }: Props) {
  const { t } = useTranslation();
  const token = issued?.token;
  return (
    <>
      <LostDialog
        opened={token === null}
        onClose={onClose}
        title={t("serviceToken.issued")}
        body={t("serviceToken.lost")}
      />
      <OnceDialog
        opened={Boolean(token)}
        onClose={onClose}
        title={t("serviceToken.issued")}
        warningTitle={t("serviceToken.onceTitle")}
        warning={t("serviceToken.onceBody")}
        done={t("serviceToken.done")}
        leaveTitle={t("serviceToken.leaveTitle")}
        leave={t("serviceToken.leaveBody")}
      >
        {(keep) => token && <Token token={token} keep={keep} />}
      </OnceDialog>
    </>
  );
}

function Token({ token, keep }: { token: string; keep: () => void }) {
  const { t } = useTranslation();
  const curl = curlRequest(portalOrigin(), token, firstQuery);
  return (
    <>
      <div>
        <CodeBlock label={t("serviceToken.label")} text={token} />
        <Group gap="sm" mt="sm">
          <CopyButton text={token} label={t("serviceToken.copy")} variant="filled" onCopied={keep} />
        </Group>
      </div>
      <div>
        <Text fw={600} size="sm" mb={6}>
          {t("serviceToken.request")}
        </Text>
        <CodeBlock label={t("token.curl")} text={curl} />
        <Group gap="sm" mt="sm">
          <CopyButton text={curl} label={t("token.copyCurl")} size="xs" />
        </Group>
      </div>
    </>
  );
}
