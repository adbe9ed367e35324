import { ActionIcon, Menu, Stack, Text } from "@mantine/core";
import {
  IconBan,
  IconCircleCheck,
  IconDots,
  IconLink,
  IconLogout,
  IconPencil,
  IconShieldOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/components/action";
import { useConfirm } from "@/components/confirm";
import { MadeKeys } from "@/components/MadeKeys";
import type { OperatorFieldsFragment, OperatorResultFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { CreatePasswordLink, DisableOperator, EnableOperator, EndOperatorSessions, RemoveSecondFactor } from "./api";
import type { IssuedLink } from "./PasswordLinkDialog";

interface Props {
  operator: OperatorFieldsFragment;
  /** Nobody disables himself or takes the own second factor away here. */
  own: boolean;
  onEdit: () => void;
  onLink: (issued: IssuedLink) => void;
}

type Act = "endSessions" | "removeSecondFactor";

/** What an administrator can do about an operator. */
export function OperatorActions({ operator, own, onEdit, onLink }: Props) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const { run, pending } = useAction();
  const { id, name, status } = operator;
  const input = { id };

  /** Asks with what happens then, does it, and says that it is done. */
  const ask = async (act: Act, send: () => Promise<OperatorResultFragment>) => {
    const agreed = await confirm({
      title: t(`operator.${act}.title`, { name }),
      body: t(`operator.${act}.body`, { name }),
      confirm: t(`operator.${act}.action`),
      destroys: true,
    });
    if (agreed) await run(send, t(`operator.${act}.done`));
  };
  const disable = async () => {
    let accessKeyIds: string[] = [];
    const agreed = await confirm({
      title: t("operator.disable.title", { name }),
      body: (
        <Stack gap="sm">
          <Text size="sm">{t("operator.disable.body", { name })}</Text>
          <MadeKeys
            by={id}
            onChange={(ids) => {
              accessKeyIds = ids;
            }}
          />
        </Stack>
      ),
      confirm: t("operator.disable.action"),
      destroys: true,
    });
    if (!agreed) return;
    await run(
      async () => (await request(DisableOperator, { input: { id, accessKeyIds } })).disableOperator,
      t("operator.disable.done"),
    );
  };
  const enable = async () => {
    const agreed = await confirm({
      title: t("operator.enable.title", { name }),
      body: t("operator.enable.body", { name }),
      confirm: t("operator.enable.action"),
    });
    if (agreed)
      await run(async () => (await request(EnableOperator, { input })).enableOperator, t("operator.enable.done"));
  };
  const newLink = async () => {
    const kind = status === "INVITED" ? "invitation" : "reset";
    const agreed = await confirm({
      title: t(`operator.link.${kind}.title`, { name }),
      body: (
        <Stack gap="xs">
          <Text size="sm">{t(`operator.link.${kind}.body`, { name })}</Text>
          <Text size="sm">{t("operator.link.before")}</Text>
        </Stack>
      ),
      confirm: t("operator.link.create"),
    });
    if (!agreed) return;
    await run(async () => {
      const { createPasswordLink } = await request(CreatePasswordLink, { input });
      const { link, linkExpiresAt } = createPasswordLink;
      if (link && linkExpiresAt) onLink({ name, link, expiresAt: linkExpiresAt });
      return createPasswordLink;
    });
  };

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" loading={pending} aria-label={t("operator.actionsFor", { name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          {t("action.edit")}
        </Menu.Item>
        {status !== "DISABLED" && (
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => void newLink()}>
            {t(status === "INVITED" ? "operator.link.invitation.action" : "operator.link.reset.action")}
          </Menu.Item>
        )}
        {status === "ACTIVE" && (
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            onClick={() =>
              void ask("endSessions", async () => (await request(EndOperatorSessions, { input })).endOperatorSessions)
            }
          >
            {t("operator.endSessions.action")}
          </Menu.Item>
        )}
        {operator.hasSecondFactor && !own && (
          <Menu.Item
            color="red"
            leftSection={<IconShieldOff size={16} />}
            onClick={() =>
              void ask(
                "removeSecondFactor",
                async () => (await request(RemoveSecondFactor, { input })).removeSecondFactor,
              )
            }
          >
            {t("operator.removeSecondFactor.action")}
          </Menu.Item>
        )}
        {status === "DISABLED" && (
          <Menu.Item leftSection={<IconCircleCheck size={16} />} onClick={() => void enable()}>
            {t("operator.enable.action")}
          </Menu.Item>
        )}
        {status !== "DISABLED" && !own && (
          <Menu.Item color="red" leftSection={<IconBan size={16} />} onClick={() => void disable()}>
            {t("operator.disable.action")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
