import { Badge, Button, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { Fact } from "@/components/Fact";
import { TimeText } from "@/components/TimeText";
import { request } from "@/lib/graphql";
import { useAbilities } from "@/lib/session";
import { SetBait } from "./api";

/** An access key, or a client with all its keys. Only administrators are told whether it is bait. */
interface Marked {
  id: string;
  name: string;
  baitSince: string | null;
  baitUsedAt?: string | null;
  /** A key's last use; a client has none of its own. */
  lastUsedAt?: string | null;
}

/** That a key or a client is bait, and in red that a key was used as such. The server tells nobody but administrators. */
export function BaitBadge({ of }: { of: Pick<Marked, "baitSince" | "baitUsedAt"> }) {
  const { t } = useTranslation();
  if (of.baitUsedAt) {
    return (
      <Badge color="red" variant="light" miw="max-content">
        {t("bait.used")}
      </Badge>
    );
  }
  if (!of.baitSince) return null;
  return (
    <Badge color="grape" variant="light" miw="max-content">
      {t("bait.badge")}
    </Badge>
  );
}

interface FactProps {
  kind: "key" | "client";
  of: Marked;
  /** Whose key it is. */
  client?: string;
}

/** Whether a key or a client is bait, and the button that changes it, for administrators alone. */
export function BaitFact({ kind, of, client }: FactProps) {
  const { t } = useTranslation();
  const { administer } = useAbilities();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  if (!administer) return null;
  const { id, name } = of;
  const bait = of.baitSince === null;
  const change = async () => {
    const agreed = await confirm({
      title: t(bait ? "bait.markTitle" : "bait.unmarkTitle", {
        name: client ? t("accessKey.of", { name, client }) : name,
      }),
      body: bait ? (
        <Stack gap="xs">
          <Text size="sm">{t(`bait.markBody.${kind}`)}</Text>
          <Text size="sm">{t("bait.alarm")}</Text>
          {of.lastUsedAt && (
            <Text size="sm" fw={600}>
              {t("bait.inUse")}
            </Text>
          )}
        </Stack>
      ) : (
        t("bait.unmarkBody")
      ),
      confirm: t(bait ? "bait.mark" : "bait.unmark"),
    });
    if (!agreed) return;
    await run(
      async () => (await request(SetBait, { input: { id, bait } })).setBait,
      t(bait ? "bait.marked" : "bait.unmarked"),
    );
  };
  return (
    <Fact label={t("bait.title")}>
      {of.baitSince ? (
        <>
          {t("bait.since")} <TimeText value={of.baitSince} as="date" />
        </>
      ) : (
        t("bait.none")
      )}
      {of.baitUsedAt && (
        <Text inherit span display="block">
          {t("bait.usedOn")} <TimeText value={of.baitUsedAt} as="minute" />
        </Text>
      )}{" "}
      <Button
        className="no-print"
        variant="subtle"
        size="compact-sm"
        loading={pending}
        aria-label={t(bait ? "bait.markNamed" : "bait.unmarkNamed", { name })}
        onClick={() => void change()}
      >
        {t(bait ? "bait.mark" : "bait.unmark")}
      </Button>
    </Fact>
  );
}
