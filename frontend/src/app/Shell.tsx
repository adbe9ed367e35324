import { ActionIcon, AppShell, Box, Burger, Button, Divider, Group, Kbd, NavLink, Stack, Text } from "@mantine/core";
import { useDisclosure, useNetwork } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import {
  IconApi,
  IconHistory,
  IconHome,
  IconKey,
  IconLogout,
  IconPackage,
  IconSearch,
  IconSettings,
  IconUserCog,
  IconUsers,
  IconWifiOff,
} from "@tabler/icons-react";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Brand } from "@/components/Brand";
import { AnchorLink, MenuLink } from "@/components/links";
import { Preferences } from "@/components/Preferences";
import { session, useAbilities, useSession } from "@/lib/session";
import { AccountChanges } from "./AccountChanges";
import { JumpTo } from "./JumpTo";
import { LiveUpdates } from "./LiveUpdates";

/** The menu beside every page, the way past it, and the page. */
export function Shell() {
  const { t } = useTranslation();
  const { write, administer } = useAbilities();
  const due = useSecondFactorDue();
  const [opened, { toggle, close }] = useDisclosure();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [pathname, close]);

  return (
    <>
      <a className="skip-link" href="#main">
        {t("nav.skip")}
      </a>
      {!due && <JumpTo />}
      {!due && <LiveUpdates />}
      <AppShell
        header={{ height: { base: 56, sm: 0 } }}
        navbar={{ width: 256, breakpoint: "sm", collapsed: { mobile: !opened } }}
        padding={{ base: "md", sm: "xl" }}
      >
        <AppShell.Header hiddenFrom="sm" px="md">
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Link to="/" className="nav-brand">
              <Brand />
            </Link>
            <Group gap="xs" wrap="nowrap">
              <ActionIcon variant="subtle" size="lg" aria-label={t("jump.open")} onClick={spotlight.open}>
                <IconSearch size={20} />
              </ActionIcon>
              <Burger
                opened={opened}
                onClick={toggle}
                size="sm"
                aria-expanded={opened}
                aria-label={t(opened ? "nav.close" : "nav.open")}
              />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="md" aria-label={t("nav.title")}>
          <AppShell.Section visibleFrom="sm" mb="lg" px="xs">
            <Link to="/" className="nav-brand">
              <Brand />
            </Link>
          </AppShell.Section>
          <AppShell.Section grow style={{ visibility: due ? "hidden" : undefined }}>
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
              onClick={spotlight.open}
            >
              {t("jump.open")}
            </Button>
            <Stack gap={4} component="ul" className="plain-list">
              <li>
                <MenuLink
                  to="/"
                  activeOptions={{ exact: true }}
                  label={t("nav.home")}
                  leftSection={<IconHome size={20} stroke={1.7} />}
                  active={pathname === "/"}
                />
              </li>
              <li>
                <MenuLink
                  to="/clientes"
                  label={t("nav.clients")}
                  leftSection={<IconUsers size={20} stroke={1.7} />}
                  active={pathname.startsWith("/clientes")}
                />
              </li>
              <li>
                <MenuLink
                  to="/chaves"
                  label={t("nav.accessKeys")}
                  leftSection={<IconKey size={20} stroke={1.7} />}
                  active={pathname.startsWith("/chaves")}
                />
              </li>
              <li>
                <MenuLink
                  to="/produtos"
                  label={t("nav.products")}
                  leftSection={<IconPackage size={20} stroke={1.7} />}
                  active={pathname === "/produtos"}
                />
              </li>
              {write && (
                <li>
                  <MenuLink
                    to="/auditoria"
                    label={t("nav.audit")}
                    leftSection={<IconHistory size={20} stroke={1.7} />}
                    active={pathname === "/auditoria"}
                  />
                </li>
              )}
              {administer && (
                <li>
                  <MenuLink
                    to="/operadores"
                    label={t("nav.operators")}
                    leftSection={<IconUserCog size={20} stroke={1.7} />}
                    active={pathname === "/operadores"}
                  />
                </li>
              )}
              {administer && (
                <li>
                  <MenuLink
                    to="/configuracoes"
                    label={t("nav.settings")}
                    leftSection={<IconSettings size={20} stroke={1.7} />}
                    active={pathname === "/configuracoes"}
                  />
                </li>
              )}
              <li>
                <NavLink href="/graphiql" label={t("nav.api")} leftSection={<IconApi size={20} stroke={1.7} />} />
              </li>
            </Stack>
          </AppShell.Section>
          <AppShell.Section>
            <Divider mb="md" />
            <Account />
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          <Box maw={1180} mx="auto">
            <Offline />
            <AccountChanges />
            {(!due || pathname === accountPath) && <Outlet />}
          </Box>
        </AppShell.Main>
      </AppShell>
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

function Account() {
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
