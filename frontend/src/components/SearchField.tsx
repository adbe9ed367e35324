import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useLocation } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useShortcutChoice, useShortcuts } from "@/lib/shortcuts";
import { moveRow } from "./rows";

/** What a list page gives its search field, see useListPage. */
export interface Search {
  text: string;
  setText: (text: string) => void;
  enter: () => void;
  rows: RefObject<HTMLElement | null>;
  field: RefObject<HTMLInputElement | null>;
}

interface Props {
  label: string;
  placeholder: string;
  search: Search;
}

/** Search as you type. Enter opens what is found if it is one, the arrow down leads into the rows, "/" leads here. */
export function SearchField({ label, placeholder, search: { text, setText, enter, rows, field } }: Props) {
  const { t } = useTranslation();
  const [shortcuts] = useShortcutChoice();
  const search = () => {
    field.current?.focus();
    field.current?.select();
  };
  useShortcuts([{ key: "/", run: search }]);
  // Who comes by the menu wants to search. On a phone that would open the keyboard over the list.
  const wanted = useLocation({ select: ({ state }) => (state.focusSearch ? state.__TSR_key : undefined) });
  useEffect(() => {
    if (wanted && !window.matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [wanted, field]);
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={label}
      aria-keyshortcuts={shortcuts ? "/" : undefined}
      placeholder={placeholder}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") enter();
        else if (event.key === "ArrowDown" && moveRow(rows.current, 1)) event.preventDefault();
      }}
      leftSection={<IconSearch size={18} aria-hidden />}
      rightSection={
        text && (
          <CloseButton
            aria-label={t("list.clearSearch")}
            onClick={() => {
              setText("");
              field.current?.focus();
            }}
          />
        )
      }
      autoComplete="off"
      spellCheck={false}
      maxLength={200}
      flex={1}
      miw={200}
    />
  );
}
