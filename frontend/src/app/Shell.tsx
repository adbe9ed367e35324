import { ActionIcon, Box, Button, Divider, Group, Kbd, Stack, Text } from "@mantine/core";
import { useDisclosure, useNetwork } from "@mantine/hooks";
import {
  IconApi,
  IconCalendarDue,
  IconHistory,
  IconHome,
  IconKey,
  IconKeyboard,
  IconLogout,
  IconMenu2,
  IconPackage,
  IconSearch,
  IconSettings,
  IconUserCog,
  IconUsers,
  IconWifiOff,
  IconX,
} from "@tabler/icons-react";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Brand } from "@/components/Brand";
import { later, laterDialog } from "@/components/later";
import { AnchorLink } from "@/components/links";
import { Preferences } from "@/components/Preferences";
import { PrintStamp } from "@/components/PrintStamp";
import { session, useAbilities, useSession } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { useFindKey } from "./find/findKey";
import { RememberOpened } from "./RememberOpened";

const LiveUpdates = later(() => import("./LiveUpdates").then((module) => module.LiveUpdates));

const AccountChanges = later(() => import("./AccountChanges").then((module) => module.AccountChanges));
const FindBox = laterDialog(() => import("./find/FindBox").then((module) => module.FindBox));
const ShortcutsHelp = laterDialog(() => import("@/components/ShortcutsHelp").then((module) => module.ShortcutsHelp));

/** The entries of the menu; the page that is shown has the one whose address its own begins with. */
const menu = [
  { to: "/", label: "nav.home", icon: IconHome },
  { to: "/clientes", label: "nav.clients", icon: IconUsers, searched: true },
  { to: "/chaves", label: "nav.accessKeys", icon: IconKey, searched: true },
  { to: "/vencimentos", label: "nav.due", icon: IconCalendarDue },
  { to: "/produtos", label: "nav.products", icon: IconPackage },
  { to: "/auditoria", label: "nav.audit", icon: IconHistory, for: "write" },
  { to: "/operadores", label: "nav.operators", icon: IconUserCog, for: "administer" },
  { to: "/configuracoes", label: "nav.settings", icon: IconSettings, for: "administer" },
] as const;

/** The menu beside every page, the way past it, and the page. */
export function Shell() {
  const { t } = useTranslation();
  const due = useSecondFactorDue();
  const [opened, { toggle, close }] = useDisclosure();
  const [boxOpened, box] = useDisclosure();
  const [helpOpened, help] = useDisclosure();
  useFindKey(due ? undefined : box.open);
  useShortcuts([{ key: "?", run: help.open }]);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [pathname, close]);

  return (
    <>
      <a className="skip-link" href="#main">
        {t("nav.skip")}
      </a>
      {!due && <FindBox opened={boxOpened} onClose={box.close} onShortcuts={help.open} />}
      <ShortcutsHelp opened={helpOpened} onClose={help.close} />
      <RememberOpened />
      {!due && <LiveUpdates />}
      <header className="shell-header">
        <Link to="/" className="nav-brand">
          <Brand />
        </Link>
        <Group gap="xs" wrap="nowrap">
          <ActionIcon variant="subtle" size="lg" aria-label={t("nav.find")} onClick={box.open}>
            <IconSearch size={20} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-expanded={opened}
            aria-controls="menu"
            aria-label={t(opened ? "nav.close" : "nav.open")}
            onClick={toggle}
          >
            {opened ? <IconX size={22} /> : <IconMenu2 size={22} />}
          </ActionIcon>
        </Group>
      </header>
      <nav className="shell-menu" id="menu" aria-label={t("nav.title")} data-opened={opened || undefined}>
        <Link to="/" className="nav-brand">
          <Brand />
        </Link>
        <div className="shell-entries" style={{ visibility: due ? "hidden" : undefined }}>
          <Menu onFind={box.open} />
        </div>
        <Divider my="md" />
        <Account onShortcuts={help.open} />
      </nav>
      <main className="shell-main" id="main" tabIndex={-1}>
        <Box maw={1180} mx="auto">
          <PrintStamp />
          <Offline />
          <AccountChanges />
          {(!due || pathname === accountPath) && <Outlet />}
        </Box>
      </main>
    </>
  );
}

function Menu({ onFind }: { onFind: () => void }) {
  const { t } = useTranslation();
  const abilities = useAbilities();
  return (
    <>
      <Button
        visibleFrom="sm"
        variant="default"
        fullWidth
        mb="md"
        styles={{ label: { flex: 1 } }}
        leftSection={<IconSearch size={16} />}
        rightSection={
          <Kbd size="xs" className="nowrap">
            Ctrl K
          </Kbd>
        }
        c="dimmed"
        fw={400}
        onClick={onFind}
      >
        {t("nav.find")}
      </Button>
      <ul className="plain-list">
        {menu.map(({ to, label, icon: Icon, ...entry }) =>
          "for" in entry && !abilities[entry.for] ? null : (
            <li key={to}>
              <Link
                to={to}
                state={"searched" in entry ? { focusSearch: true } : {}}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                className="menu-entry"
              >
                <Icon size={20} stroke={1.7} aria-hidden />
                {t(label)}
              </Link>
            </li>
          ),
        )}
        <li>
          <a href="/graphiql" className="menu-entry">
            <IconApi size={20} stroke={1.7} aria-hidden />
            {t("nav.api")}
          </a>
        </li>
      </ul>
    </>
  );
}

const accountPath = "/conta";

/** Whether the portal demands a second factor first; leads to where it is set up. */
function useSecondFactorDue() {
  const { secondFactorDue = false } = useSession();
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    if (secondFactorDue && pathname !== accountPath) void navigate({ to: accountPath, ignoreBlocker: true });
  }, [secondFactorDue, pathname, navigate]);
  return secondFactorDue;
}

function Account({ onShortcuts }: { onShortcuts: () => void }) {
  const { t } = useTranslation();
  const { viewer } = useSession();
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap">
        <Box miw={0}>
          <AnchorLink
            to={accountPath}
            display="block"
            size="sm"
            fw={600}
            truncate
            title={viewer?.email}
            aria-label={`${t("nav.account")}: ${viewer?.name}`}
          >
            {viewer?.name}
          </AnchorLink>
          <Text size="xs" c="dimmed">
            {viewer && t(`role.${viewer.role}`)}
          </Text>
        </Box>
        <Button
          variant="subtle"
          size="compact-sm"
          flex="none"
          leftSection={<IconLogout size={16} />}
          onClick={() => void session.end().catch(() => undefined)}
        >
          {t("session.logout")}
        </Button>
      </Group>
      <Preferences />
      <Button
        variant="subtle"
        size="compact-sm"
        justify="flex-start"
        visibleFrom="sm"
        leftSection={<IconKeyboard size={16} aria-hidden />}
        rightSection={<Kbd size="xs">?</Kbd>}
        onClick={onShortcuts}
      >
        {t("nav.shortcuts")}
      </Button>
    </Stack>
  );
}

function Offline() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  return (
    <div role="status">
      {!online && (
        <Group gap="xs" mb="md">
          <IconWifiOff size={18} aria-hidden />
          <Text size="sm">{t("error.offline")}</Text>
        </Group>
      )}
    </div>
  );
}
