import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, spotlight } from "@mantine/spotlight";
import {
  IconApi,
  IconCalendarDue,
  IconHistory,
  IconHome,
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPackage,
  IconPlus,
  IconSearch,
  IconSettings,
  IconUser,
  IconUserCircle,
  IconUserCog,
  IconUsers,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FindClients } from "@/features/clients/api";
import { changeLanguage } from "@/i18n";
import { useApi } from "@/lib/graphql";
import { session, useAbilities } from "@/lib/session";
import { cutToVisiblePart } from "@/lib/visiblePart";

const plain = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

/** Ctrl+K: jumps to a client by name or document, to a page, or does an action. */
export function JumpTo() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { write, administer } = useAbilities();
  const { setColorScheme, colorScheme } = useMantineColorScheme();
  const [text, setText] = useState("");
  const wanted = cutToVisiblePart(text.trim());
  const [sought] = useDebouncedValue(wanted, 200);
  const found = useApi(FindClients, { search: sought }, { enabled: sought !== "" });

  const actions = [
    { label: t("nav.home"), icon: IconHome, run: () => void navigate({ to: "/" }) },
    { label: t("nav.clients"), icon: IconUsers, run: () => void navigate({ to: "/clientes" }) },
    { label: t("nav.accessKeys"), icon: IconKey, run: () => void navigate({ to: "/chaves" }) },
    { label: t("nav.products"), icon: IconPackage, run: () => void navigate({ to: "/produtos" }) },
    { label: t("nav.due"), icon: IconCalendarDue, run: () => void navigate({ to: "/vencimentos" }) },
    ...(write ? [{ label: t("nav.audit"), icon: IconHistory, run: () => void navigate({ to: "/auditoria" }) }] : []),
    ...(administer
      ? [
          { label: t("nav.operators"), icon: IconUserCog, run: () => void navigate({ to: "/operadores" }) },
          { label: t("nav.settings"), icon: IconSettings, run: () => void navigate({ to: "/configuracoes" }) },
        ]
      : []),
    { label: t("nav.account"), icon: IconUserCircle, run: () => void navigate({ to: "/conta" }) },
    { label: t("nav.api"), icon: IconApi, run: () => window.location.assign("/graphiql") },
    ...(write
      ? [
          {
            label: t("clients.new"),
            icon: IconPlus,
            run: () => void navigate({ to: "/clientes", search: { add: true } }),
          },
        ]
      : []),
    {
      label: t("jump.colors"),
      icon: IconMoon,
      run: () => setColorScheme(colorScheme === "dark" ? "light" : "dark"),
    },
    {
      label: t("jump.language"),
      icon: IconLanguage,
      run: () =>
        void changeLanguage(i18n.language === "en" ? "pt-BR" : "en").then(() => queryClient.invalidateQueries()),
    },
    { label: t("session.logout"), icon: IconLogout, run: () => void session.end().catch(() => undefined) },
  ].filter(({ label }) => plain(label).includes(plain(text.trim())));

  // Only what answers the text as it stands: Enter takes the first, and must not take one of an earlier text.
  const clients = sought && sought === wanted ? (found.data?.clients.edges ?? []) : [];

  // Answers arrive after Mantine has marked the first action; Enter takes what is marked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark follows the answers
  useEffect(() => {
    if (!sought || document.querySelector("[data-action][data-selected]")) return;
    document.querySelector("[data-action]")?.setAttribute("data-selected", "true");
  }, [sought, wanted, found.data]);

  return (
    <Spotlight.Root
      attributes={{ content: { "aria-label": t("jump.open") } }}
      query={text}
      onQueryChange={setText}
      shortcut="mod + K"
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        aria-label={t("jump.open")}
        placeholder={t("jump.hint")}
        leftSection={<IconSearch size={20} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {clients.length > 0 && (
          <Spotlight.ActionsGroup label={t("nav.clients")}>
            {clients.map(({ node }) => (
              <Spotlight.Action
                key={node.id}
                label={node.name}
                description={[node.tradeName, node.documentFormatted].filter(Boolean).join(" · ")}
                leftSection={<IconUser size={20} stroke={1.7} aria-hidden />}
                onClick={() => {
                  spotlight.close();
                  void navigate({ to: "/clientes/$id", params: { id: node.id } });
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {actions.length > 0 && (
          <Spotlight.ActionsGroup label={t("jump.actions")}>
            {actions.map(({ label, icon: Icon, run }) => (
              <Spotlight.Action
                key={label}
                label={label}
                leftSection={<Icon size={20} stroke={1.7} aria-hidden />}
                onClick={() => {
                  spotlight.close();
                  run();
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {clients.length + actions.length === 0 && (
          <Spotlight.Empty>
            {found.isFetching || sought !== wanted ? t("list.loading") : t("jump.empty")}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
