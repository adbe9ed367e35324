import { Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconPlus } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { AnchorLink, ButtonLink } from "@/components/links";
import { notify } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { SecondFactorAdvice } from "@/features/account/SecondFactorAdvice";
import { Due } from "@/features/due/api";
import { DueGroups } from "@/features/due/DueGroups";
import { usualDays } from "@/features/due/search";
import { IncidentBanner } from "@/features/marketplace/incidents/IncidentBanner";
import { useInstallNotice } from "@/features/marketplace/install/result";
import { UnclaimedSection } from "@/features/marketplace/installations/UnclaimedSection";
import { NoticesSection } from "@/features/marketplace/notices/NoticesSection";
import { graphql } from "@/gql";
import type { HomeQuery } from "@/gql/graphql";
import { formatNumber } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { useAbilities, useSession } from "@/lib/session";

const route = getRouteApi("/app/");

export const Home = graphql(`
  query Home {
    all: clients(first: 1) { totalCount }
    problems: clients(first: 5, filter: { hasProblem: true, exceptIncidents: true }, orderBy: { field: TROUBLE, direction: DESC }) {
      totalCount
      edges { node { id name documentFormatted } }
    }
    keyless: clients(first: 5, filter: { withoutKey: true }) { totalCount edges { node { id name documentFormatted } } }
    keys: accessKeys(first: 1, filter: { inForce: true }) { totalCount }
  }
`);

/** What needs attention first, then how much there is. */
export function HomePage() {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const { administer } = useAbilities();
  const navigate = useNavigate();
  const home = useApi(Home, {});
  const begun = home.data && home.data.all.totalCount > 0;
  useInstallNotice(route.useSearch());
  return (
    <>
      <PageHeader
        title={t("home.title")}
        lead={<Text c="dimmed">{t("home.hello", { name: viewer?.name.split(" ")[0] })}</Text>}
      />
      <IncidentBanner />
      <Stack gap="lg">
        {administer && <SecondFactorAdvice />}
        <QueryView query={home}>{(data) => (begun ? <Troubles {...data} /> : <Start />)}</QueryView>
        {begun && <DueSection />}
        <UnclaimedSection
          onAttached={({ clientId, clientProductId }) => {
            notify.done(t("installation.attached"));
            void navigate({
              to: "/clientes/$id/produtos/$clientProductId",
              params: { id: clientId, clientProductId },
            });
          }}
        />
        {administer && <NoticesSection />}
        {begun && (
          <Section title={t("home.numbers")}>
            <Group gap="xl">
              <Figure label={t("home.clients")} value={home.data.all.totalCount} />
              <Figure label={t("home.keys")} value={home.data.keys.totalCount} />
            </Group>
          </Section>
        )}
      </Stack>
    </>
  );
}

function Troubles({ problems, keyless }: HomeQuery) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Attention
        title={t("home.problems")}
        count={problems.totalCount}
        calm={t("home.noProblems")}
        all={
          <AnchorLink
            to="/clientes"
            search={{ hasProblem: true, exceptIncidents: true, sort: "TROUBLE", dir: "DESC" }}
            size="sm"
          >
            {t("home.seeProblems")}
          </AnchorLink>
        }
      >
        {problems.edges.map(({ node }) => (
          <ClientLine key={node.id} {...node} />
        ))}
      </Attention>
      <Attention
        title={t("home.keyless")}
        count={keyless.totalCount}
        calm={t("home.noKeyless")}
        all={
          <AnchorLink to="/clientes" search={{ withoutKey: true }} size="sm">
            {t("home.seeKeyless")}
          </AnchorLink>
        }
      >
        {keyless.edges.map(({ node }) => (
          <ClientLine key={node.id} {...node} />
        ))}
      </Attention>
    </SimpleGrid>
  );
}

/** The most urgent of each kind; the whole list has its own page. */
function DueSection() {
  const { t, i18n } = useTranslation();
  const due = useApi(Due, { withinDays: usualDays });
  return (
    <Section title={t("due.title")} description={t("due.lead")}>
      <QueryView query={due}>
        {({ due: items }) => (
          <>
            <DueGroups items={items} most={5} />
            {items.length > 0 && (
              <AnchorLink to="/vencimentos" size="sm">
                {t("due.all", { total: formatNumber(items.length, i18n.language) })}
              </AnchorLink>
            )}
          </>
        )}
      </QueryView>
    </Section>
  );
}

function Start() {
  const { t } = useTranslation();
  const { write } = useAbilities();
  return (
    <Section title={t("home.startTitle")}>
      <Text>{t("home.startBody")}</Text>
      {write && (
        <Group>
          <ButtonLink to="/clientes" search={{ add: true }} leftSection={<IconPlus size={18} />}>
            {t("home.startAction")}
          </ButtonLink>
        </Group>
      )}
    </Section>
  );
}

interface AttentionProps {
  title: string;
  count: number;
  /** Said when there is none. */
  calm: string;
  all: ReactNode;
  children: ReactNode;
}

function Attention({ title, count, calm, all, children }: AttentionProps) {
  const { i18n } = useTranslation();
  return (
    <Section
      title={title}
      actions={
        count > 0 && (
          <Text fz={28} fw={700} lh={1}>
            {formatNumber(count, i18n.language)}
          </Text>
        )
      }
    >
      {count === 0 ? (
        <EmptyState icon={<IconCircleCheck size={26} />} title={calm} />
      ) : (
        <>
          <Stack component="ul" className="plain-list" gap="sm">
            {children}
          </Stack>
          {all}
        </>
      )}
    </Section>
  );
}

function ClientLine({ id, name, documentFormatted }: { id: string; name: string; documentFormatted: string }) {
  return (
    <li>
      <AnchorLink to="/clientes/$id" params={{ id }}>
        {name}
      </AnchorLink>
      <Text size="xs" c="dimmed">
        {documentFormatted}
      </Text>
    </li>
  );
}

function Figure({ label, value }: { label: string; value: number }) {
  const { i18n } = useTranslation();
  return (
    <div>
      <Text fz={28} fw={700} lh={1.2}>
        {formatNumber(value, i18n.language)}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </div>
  );
}
