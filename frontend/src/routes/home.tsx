import { Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/EmptyState";
import { AnchorLink, ButtonLink } from "@/components/links";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Section } from "@/components/Section";
import { TimeText } from "@/components/TimeText";
import { graphql } from "@/gql";
import { formatNumber } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { useAbilities, useSession } from "@/lib/session";

const Home = graphql(`
  query Home {
    all: clients(first: 1) { totalCount }
    problems: clients(first: 5, filter: { hasProblem: true }) { totalCount edges { node { id name documentFormatted } } }
    keyless: clients(first: 5, filter: { withoutKey: true }) { totalCount edges { node { id name documentFormatted } } }
    keys: accessKeys(first: 1, filter: { inForce: true }) { totalCount }
    unused: accessKeys(first: 5, filter: { neverUsed: true, inForce: true }) {
      totalCount
      edges { node { id name createdAt clientProduct { id client { id name } } } }
    }
  }
`);

/** What needs attention first, then how much there is. */
export function HomePage() {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const home = useApi(Home, {});
  return (
    <>
      <PageHeader
        title={t("home.title")}
        lead={<Text c="dimmed">{t("home.hello", { name: viewer?.name.split(" ")[0] })}</Text>}
      />
      <QueryView query={home}>
        {({ all, problems, keyless, keys, unused }) =>
          all.totalCount === 0 ? (
            <Start />
          ) : (
            <Stack gap="lg">
              <SimpleGrid cols={{ base: 1, md: 3 }}>
                <Attention
                  title={t("home.problems")}
                  count={problems.totalCount}
                  calm={t("home.noProblems")}
                  all={
                    <AnchorLink to="/clientes" search={{ hasProblem: true }} size="sm">
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
                <Attention
                  title={t("home.unused")}
                  count={unused.totalCount}
                  calm={t("home.noUnused")}
                  all={
                    <AnchorLink to="/chaves" search={{ neverUsed: true, inForce: true }} size="sm">
                      {t("home.seeUnused")}
                    </AnchorLink>
                  }
                >
                  {unused.edges.map(({ node }) => (
                    <li key={node.id}>
                      <AnchorLink
                        to="/clientes/$id/produtos/$clientProductId"
                        params={{ id: node.clientProduct.client.id, clientProductId: node.clientProduct.id }}
                      >
                        {node.name}
                      </AnchorLink>
                      <Text size="xs" c="dimmed">
                        {node.clientProduct.client.name} · <TimeText value={node.createdAt} />
                      </Text>
                    </li>
                  ))}
                </Attention>
              </SimpleGrid>
              <Section title={t("home.numbers")}>
                <Group gap="xl">
                  <Figure label={t("home.clients")} value={all.totalCount} />
                  <Figure label={t("home.keys")} value={keys.totalCount} />
                </Group>
              </Section>
            </Stack>
          )
        }
      </QueryView>
    </>
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
