import { Anchor, Group, SegmentedControl, Text, useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { GraphiQL } from "graphiql";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Brand } from "@/components/Brand";
import { useDocumentTitle } from "@/components/PageHeader";
import { SecretField } from "@/components/SecretField";
import { session, useSession } from "@/lib/session";
import { examples } from "./examples";
import { createFetcher } from "./fetcher";
import { forgetKept, memoryStorage } from "./memory";
import "./api.css";

type Caller = "operator" | "key";

/** GraphiQL with the operator's session or with a pasted access key, which only this page's memory holds. */
export function ApiPage() {
  const { t } = useTranslation();
  const { status, viewer } = useSession();
  const scheme = useComputedColorScheme("light");
  const [caller, setCaller] = useState<Caller>("operator");
  const [key, setKey] = useState("");
  const [started, setStarted] = useState(false);
  // GraphiQL keeps the first fetcher that it is given.
  const token = useRef<() => Promise<string | null>>(() => Promise.resolve(null));
  token.current = () => {
    if (caller === "key") return Promise.resolve(key.trim() || null);
    return session.getState().status === "active" ? session.accessToken() : Promise.resolve(null);
  };
  useDocumentTitle(t("api.title"));

  const [storage] = useState(memoryStorage);

  useEffect(() => {
    forgetKept();
    session
      .start()
      .catch(() => undefined)
      .finally(() => setStarted(true));
  }, []);

  const tab = useRef<string>(undefined);
  const [fetcher] = useState(() => createFetcher({ token: () => token.current(), tab: () => tab.current }));
  const noteTab = ({ tabs, activeTabIndex }: { tabs: { id: string }[]; activeTabIndex: number }) => {
    tab.current = tabs[activeTabIndex]?.id;
  };

  return (
    <div className="api-page">
      <Group component="header" justify="space-between" gap="sm" px="md" py="xs" className="api-header">
        <Group gap="md">
          <a href="/" className="nav-brand" aria-label={t("api.back")}>
            <Brand />
          </a>
          <Text component="h1" fw={600} m={0}>
            {t("api.title")}
          </Text>
          <VisuallyHidden component="p">{t("api.lead")}</VisuallyHidden>
        </Group>
        <Group gap="sm">
          <SegmentedControl
            aria-label={t("api.caller")}
            value={caller}
            onChange={(value) => setCaller(value as Caller)}
            data={[
              { value: "operator", label: t("api.asOperator") },
              { value: "key", label: t("api.withKey") },
            ]}
          />
          {caller === "key" ? (
            <SecretField
              aria-label={t("api.key")}
              placeholder={t("api.keyHint")}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              w={280}
            />
          ) : (
            <Text size="sm" role="status">
              {status === "active" && viewer ? (
                viewer.email
              ) : started ? (
                <>
                  {t("api.noSession")} <Anchor href="/login?next=/graphiql">{t("session.login")}</Anchor>
                </>
              ) : (
                t("list.loading")
              )}
            </Text>
          )}
        </Group>
      </Group>
      <main className="api-main">
        {started && (
          <GraphiQL
            fetcher={fetcher}
            storage={storage}
            defaultTabs={examples}
            onTabChange={noteTab}
            isHeadersEditorEnabled={false}
            shouldPersistHeaders={false}
            showPersistHeadersSettings={false}
            forcedTheme={scheme}
          >
            <GraphiQL.Logo>
              <span />
            </GraphiQL.Logo>
          </GraphiQL>
        )}
      </main>
    </div>
  );
}
