/** The left pane: who I am, search, filters, the list of chats. */

import { Icon } from "../../ui/icons.js";
import { t } from "../../ui/i18n.js";
import { h, html, useCallback, useRef, useState } from "../../ui/view.js";
import { AccountButton } from "../account-menu.js";
import { Bell } from "../bell.js";
import { SearchResults } from "../lazy-panes.js";
import { useStore } from "../store.js";
import { FilterBar } from "./filters.js";
import { ChatList } from "./list.js";

/** The server refuses longer queries. */
const QUERY_LIMIT = 256;

export function ChatsPane() {
  const store = useStore();
  const [query, setQuery] = useState("");
  const [filter, setFilter] = useState(/** @type {import("./filters.js").Filter} */ ("all"));
  const pane = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [menu, setMenu] = useState(/** @type {{ View: typeof import("./chat-menu.js").ChatMenu, open: import("./list.js").OpenMenu } | null} */ (null));
  const openMenu = useCallback(async (/** @type {number} */ chatId, /** @type {import("../../ui/menu.js").MenuAnchor} */ anchor) => {
    const loaded = await store.loadPart(import("./chat-menu.js"));
    if (loaded) setMenu({ View: loaded.ChatMenu, open: { chatId, anchor, page: "main" } });
  }, [store]);
  const startChat = async () => {
    const loaded = await store.loadPart(import("./new-chat.js"));
    if (loaded) store.screen.openDialog((close) => h(loaded.NewChatDialog, { onClose: close }));
  };
  const focusFirst = () => {
    const row = pane.current?.querySelector("[data-chat-id]");
    if (row instanceof HTMLElement) row.focus();
  };
  const onSearchKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && query) setQuery("");
    else if (event.key === "ArrowDown") focusFirst();
    else return;
    event.preventDefault();
  };
  const wanted = query.trim();
  return html`
    <div class="chats" ref=${pane}>
      <header class="chats-head">
        ${h(AccountButton, {})}
        <h1 class="chats-title">${t("chats.title")}</h1>
        ${h(Bell, {})}
        <button type="button" class="icon-button" aria-label=${t("chats.new_chat")} title=${t("chats.new_chat")} data-testid="new-chat" onClick=${startChat}>
          ${h(Icon, { name: "compose" })}
        </button>
      </header>
      <div class="search-field" role="search">
        ${h(Icon, { name: "search", size: 18 })}
        <input type="search" class="input" value=${query} maxlength=${QUERY_LIMIT} placeholder=${t("chats.search")} aria-label=${t("chats.search")}
          aria-keyshortcuts="Control+K Meta+K" autocomplete="off" enterkeyhint="search" data-testid="chat-search"
          onInput=${(/** @type {InputEvent} */ event) => { if (event.currentTarget instanceof HTMLInputElement) setQuery(event.currentTarget.value); }}
          onKeyDown=${onSearchKey} />
        ${query && html`
          <button type="button" class="icon-button is-small" aria-label=${t("chats.clear_search")} onClick=${() => setQuery("")}>${h(Icon, { name: "close", size: 16 })}</button>`}
      </div>
      ${!wanted && h(FilterBar, { filter, onChange: setFilter, hasSnoozed: store.lists.snoozed.value.length > 0 })}
      ${wanted
        ? h(SearchResults, { query: wanted, onQuery: setQuery, onMenu: openMenu })
        : h(ChatList, { key: filter, filter, onNew: startChat, onMenu: openMenu })}
      ${menu && h(menu.View, {
        key: `${menu.open.chatId} ${menu.open.page}`, ...menu.open, onClose: () => setMenu(null),
        onPage: (page) => setMenu({ ...menu, open: { ...menu.open, page } }),
      })}
      <footer class="chats-foot">
        <button type="button" class="ask-shop" data-testid="ask-shop" aria-current=${store.router.route.value.name === "assistant" ? "page" : undefined}
          onClick=${() => store.router.go({ name: "assistant" })}>${h(Icon, { name: "sparkle" })}<span>${t("assistant.ask_shop")}</span></button>
        <a href="/swagger/" class="foot-link">${t("shell.api")}</a>
      </footer>
    </div>`;
}
