import {
  Group,
  Loader,
  Modal,
  ScrollArea,
  Text,
  TextInput,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorAlert } from "@/components/ErrorAlert";
import { changeLanguage } from "@/i18n";
import { formatNumber } from "@/lib/format";
import { useApi } from "@/lib/graphql";
import { recentsOf, useRecents } from "@/lib/recents";
import { session, useAbilities, useSession } from "@/lib/session";
import { cutToVisiblePart } from "@/lib/visiblePart";
import { Find, Recents } from "./api";
import { type FoundGroup, foundGroups, type Item, itemOf, looksLikeKey, readIntent } from "./items";
import { entries, matchOf, type Target } from "./pages";

interface Props {
  opened: boolean;
  onClose: () => void;
  onShortcuts: () => void;
}

/** One box that finds clients, connections, keys, operators, pages and what can be done. */
export function FindBox({ opened, onClose, onShortcuts }: Props) {
  const { t } = useTranslation();
  /** Whether the box leads to another page, whose heading takes the focus. */
  const [leaves, setLeaves] = useState(false);
  useEffect(() => {
    if (opened) setLeaves(false);
  }, [opened]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={640}
      yOffset="8vh"
      zIndex={400}
      returnFocus={!leaves}
      attributes={{ content: { "aria-label": t("find.title") } }}
    >
      <Box
        onShortcuts={onShortcuts}
        onLeave={(leaving) => {
          setLeaves(leaving);
          onClose();
        }}
      />
    </Modal>
  );
}

interface BoxProps {
  onShortcuts: () => void;
  /** Something was chosen; leaving is whether it is another page. */
  onLeave: (leaving: boolean) => void;
}

function Box({ onShortcuts, onLeave }: BoxProps) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  const list = useId();
  const [text, setText] = useState("");
  /** The item that the arrows have led to, in which text. */
  const [moved, setMoved] = useState<{ text: string; id: string }>();
  /** The text in which Enter was pressed before it was answered. */
  const [entered, setEntered] = useState<string>();
  const { groups, pinned, state, retry, error } = useGroups(text, onShortcuts);
  const items = groups.flatMap((group) => group.items);
  const found = items.find(({ id }) => moved?.text === text && id === moved.id);
  // What an earlier text has found is not there. What may still come is waited for, unless a page is called so.
  const chosen = found ?? (state === "searching" && !pinned ? undefined : items[0]);

  const open = ({ target }: { target: Target }, apart = false) => {
    if ("run" in target) {
      onLeave(false);
      target.run();
      return;
    }
    if (apart) {
      const address = "href" in target ? target.href : router.buildLocation(target.to as never).href;
      window.open(address, "_blank", "noopener");
      return;
    }
    onLeave(true);
    if ("href" in target) window.location.assign(target.href);
    else void navigate(target.to as never);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: open is new each time and the same
  useEffect(() => {
    if (entered === undefined || state === "searching") return;
    setEntered(undefined);
    const [first] = items;
    if (entered === text && first) open(first);
  }, [entered, state, text]);

  const move = (step: 1 | -1) => {
    const at = chosen ? items.indexOf(chosen) : -1;
    const next = items[(at + step + items.length) % items.length];
    if (!next) return;
    setMoved({ text, id: next.id });
    document.getElementById(`${list}-${next.id}`)?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen) open(chosen, event.ctrlKey || event.metaKey);
      else if (state === "searching") setEntered(text);
    }
  };

  const said =
    state === "searching"
      ? t("list.loading")
      : items.length > 0
        ? t("list.total", { count: items.length, formatted: formatNumber(items.length, i18n.language) })
        : t(looksLikeKey(text) ? "find.noKey" : "find.empty");
  return (
    <>
      <TextInput
        data-autofocus
        size="lg"
        variant="unstyled"
        className="find-field"
        role="combobox"
        aria-label={t("find.title")}
        aria-expanded={items.length > 0}
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${chosen.id}`}
        aria-autocomplete="list"
        placeholder={t("find.hint")}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        leftSection={<IconSearch size={20} aria-hidden />}
        rightSection={state === "searching" && text ? <Loader size={18} aria-hidden /> : undefined}
        value={text}
        onChange={(event) => setText(cutToVisiblePart(event.currentTarget.value))}
        onKeyDown={press}
      />
      <div role="status">
        {items.length > 0 || error ? (
          <VisuallyHidden>{said}</VisuallyHidden>
        ) : (
          <Text className="find-said" c="dimmed">
            {said}
          </Text>
        )}
      </div>
      {error && (
        <div className="find-said">
          <ErrorAlert error={error} onRetry={retry} />
        </div>
      )}
      <ScrollArea.Autosize mah="min(60vh, 480px)" type="auto" viewportProps={{ tabIndex: -1 }}>
        <div id={list} role="listbox" aria-label={t("find.found")} className="find-list">
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form
            <div key={group.key} role="group" aria-labelledby={`${list}-${group.key}`}>
              <div id={`${list}-${group.key}`} className="find-group" role="presentation">
                {group.label}
              </div>
              {group.items.map((item) => (
                <Option
                  key={item.id}
                  id={`${list}-${item.id}`}
                  item={item}
                  chosen={item === chosen}
                  onOpen={(apart) => open(item, apart)}
                />
              ))}
            </div>
          ))}
        </div>
      </ScrollArea.Autosize>
    </>
  );
}

interface OptionProps {
  id: string;
  item: Item;
  chosen: boolean;
  onOpen: (apart: boolean) => void;
}

function Option({ id, item: { icon: Sign, label, detail, mark }, chosen, onOpen }: OptionProps) {
  const press = (event: MouseEvent) => {
    if (event.button <= 1) onOpen(event.button === 1 || event.ctrlKey || event.metaKey);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, and says which option they mean
    // biome-ignore lint/a11y/useFocusableInteractive: the same
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className="find-option"
      onMouseDown={(event) => event.preventDefault()}
      onClick={press}
      onAuxClick={press}
    >
      <Sign size={20} stroke={1.7} aria-hidden />
      <span className="find-text">
        <span className="cut">{label}</span>
        {detail && <span className="under cut">{detail}</span>}
      </span>
      {mark && (
        <Group gap={6} wrap="nowrap" flex="none">
          {mark}
        </Group>
      )}
    </div>
  );
}

/** What the box shows for a text. */
function useGroups(text: string, onShortcuts: () => void) {
  const { t, i18n } = useTranslation();
  const queryClient = useQueryClient();
  const abilities = useAbilities();
  const { viewer } = useSession();
  const { setColorScheme, colorScheme } = useMantineColorScheme();
  const typed = text.trim();
  const intent = abilities.write ? readIntent(t, typed) : undefined;
  const wanted = intent ? intent.rest : typed;
  const [sought] = useDebouncedValue(wanted, 150);
  const answer = useApi(Find, { text: sought }, { enabled: sought !== "", staleTime: 5_000 });
  const ids = useRecents(viewer?.id);
  // As they were when the box was opened: what is chosen now comes first the next time.
  const opened = useRef(viewer ? recentsOf(viewer.id) : ids);
  const recents = useApi(Recents, { ids: [...opened.current] }, { enabled: opened.current.length > 0 });

  const pages = entries({
    ...abilities,
    changeColors: () => setColorScheme(colorScheme === "dark" ? "light" : "dark"),
    changeLanguage: () =>
      void changeLanguage(i18n.language === "en" ? "pt-BR" : "en").then(() => queryClient.invalidateQueries()),
    showShortcuts: onShortcuts,
    logOut: () => void session.end().catch(() => undefined),
  }).map(({ name, label, icon, target }) => ({
    item: { id: `page-${name}`, label: t(label), icon, target },
    match: matchOf(typed, t(label), t(`find.words.${name}`)),
  }));
  const called = (least: number) => pages.flatMap((page) => (page.match === least ? [page.item] : []));
  const group = (key: string, label: string, items: Item[]): FoundGroup => ({ key, label, items });

  if (typed === "") {
    const nodes = (recents.data?.nodes ?? []).flatMap((node) => (node ? (itemOf(t, node) ?? []) : []));
    return {
      groups: [group("recents", t("find.recents"), nodes), group("pages", t("find.pages"), called(1))].filter(filled),
      pinned: true,
      state: "answered" as const,
    };
  }
  const current = wanted !== "" && sought === wanted;
  const state = wanted === "" || (current && !answer.isFetching) || (current && answer.data) ? "answered" : "searching";
  const data = current ? answer.data?.find : undefined;
  const pinned = called(2);
  const found = data ? foundGroups(t, data, { text: wanted, intent: intent?.kind, ...abilities }) : [];
  return {
    groups: [
      group("called", t("find.pages"), pinned),
      ...found,
      group("pages", t("find.pages"), pinned.length > 0 ? [] : called(1)),
    ].filter(filled),
    pinned: pinned.length > 0,
    state: state as "answered" | "searching",
    error: current && answer.isError && !answer.data ? answer.error : undefined,
    retry: () => void answer.refetch(),
  };
}

const filled = ({ items }: FoundGroup) => items.length > 0;
