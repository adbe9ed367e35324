import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import { useApi } from "@/lib/graphql";
import { AnchorLink } from "./links";
import { QueryView } from "./QueryView";

const MadeKeysQuery = graphql(`
  query MadeKeys($by: ID!) {
    accessKeys(first: 100, filter: { createdById: $by, inForce: true }) {
      totalCount
      edges { node { id name visiblePart clientProduct { client { name } } } }
    }
  }
`);

interface Props {
  /** Id of the operator or service token that made the keys. */
  by: string;
  /** Told of the ids that are chosen; none at first. */
  onChange: (ids: string[]) => void;
}

/** The keys that work still of one who is about to end: those that are chosen end together. */
export function MadeKeys({ by, onChange }: Props) {
  const { t } = useTranslation();
  const made = useApi(MadeKeysQuery, { by });
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (ids: string[]) => {
    setChosen(ids);
    onChange(ids);
  };
  return (
    <QueryView query={made}>
      {({ accessKeys: { edges, totalCount } }) => {
        const keys = edges.map(({ node }) => node);
        if (keys.length === 0) return <Text size="sm">{t("madeKeys.none")}</Text>;
        return (
          <Stack gap="xs">
            <Checkbox.Group
              label={t("madeKeys.label")}
              description={t("madeKeys.help")}
              value={chosen}
              onChange={choose}
            >
              <Stack gap="xs" mt="xs" mah={240} style={{ overflowY: "auto" }}>
                {keys.map(({ id, name, visiblePart, clientProduct }) => (
                  <Checkbox
                    key={id}
                    value={id}
                    label={`${clientProduct.client.name}: ${name}`}
                    description={<span className="mono break">{visiblePart}…</span>}
                  />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => choose(keys.map(({ id }) => id))}>
                {t("madeKeys.all")}
              </Button>
              <Button size="xs" variant="default" onClick={() => choose([])}>
                {t("madeKeys.noneOfThem")}
              </Button>
            </Group>
            {totalCount > keys.length && (
              <Alert>
                {t("madeKeys.more", { count: totalCount - keys.length })}{" "}
                <AnchorLink to="/chaves" search={{ by, inForce: true }} target="_blank">
                  {t("accessKey.title")}
                </AnchorLink>
              </Alert>
            )}
          </Stack>
        );
      }}
    </QueryView>
  );
}
