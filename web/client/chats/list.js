/** The list of chats of a filter. */

import { t } from "../../ui/i18n.js";
import { h, html, useCallback, useEffect, useMemo, useRef } from "../../ui/view.js";
import { EmptyDrawing } from "../empty-drawing.js";
import { useStore } from "../store.js";
import { filteredIds, listOf } from "./filters.js";
import { moveRowFocus } from "./row-focus.js";
import { Pager } from "./pager.js";
import { ChatRow } from "./row.js";

/** @typedef {{ chatId: number, anchor: import("../../ui/menu.js").MenuAnchor, page: import("./chat-menu.js").MenuPage }} OpenMenu */

/** The next page is read when the end is nearer than this, in CSS pixels: about ten rows. */
const AHEAD = 700;

/**
 * @param {{
 *   filter: import("./filters.js").Filter, onNew: () => void,
 *   onMenu: (chatId: number, anchor: import("../../ui/menu.js").MenuAnchor) => void,
 * }} props
 */
export function ChatList({ filter, onNew, onMenu }) {
  const store = useStore();
  const ids = useMemo(() => filteredIds(store, filter), [store, filter]).value;
  const name = listOf(filter);
  const pager = useMemo(
    () => new Pager(store.client, { archived: name === "archived", snoozed: name === "snoozed" }, store.lists[name].peek().length),
    [store, name, store.isLoaded.value],
  );
  const scroller = useRef(/** @type {HTMLDivElement | null} */ (null));
  const open = useCallback((/** @type {number} */ chatId) => store.select(chatId), [store]);

  const loadAhead = () => {
    const element = scroller.current;
    if (!element || !store.isLoaded.value || pager.error.peek()) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight < AHEAD) void pager.loadMore();
  };
  // A filter may leave so few rows that nothing scrolls: go on until the screen is full.
  useEffect(loadAhead, [ids, pager, pager.isLoading.value, store.isLoaded.value]);

  const selected = store.selected.value;
  const reachable = selected !== null && ids.includes(selected) ? selected : ids[0];
  if (!store.isLoaded.value && !ids.length) return h(ListSkeleton, {});
  return html`
    <div class="chat-scroller" ref=${scroller} onScroll=${loadAhead} onKeyDown=${moveRowFocus}>
      <ul class="chat-list" aria-label=${t(`chats.filter_${filter}`)} data-testid="chat-list">
        ${ids.map((chatId) => h(ChatRow, {
          key: chatId, chatId, isSelected: chatId === selected, isReachable: chatId === reachable, onOpen: open, onMenu,
        }))}
      </ul>
      ${pager.isLoading.value && ids.length > 0 && html`<div class="list-loading" role="status">${t("chats.loading")}</div>`}
      ${pager.error.value !== null && html`
        <div class="list-failed" role="alert">
          <span>${t("chats.load_failed")}</span>
          <button type="button" class="link-button" onClick=${() => pager.loadMore()}>${t("shell.try_now")}</button>
        </div>`}
      ${!ids.length && !pager.isLoading.value && pager.error.value === null && h(EmptyList, { filter, onNew })}
    </div>`;
}

/** @param {{ filter: import("./filters.js").Filter, onNew: () => void }} props */
function EmptyList({ filter, onNew }) {
  return html`
    <div class="empty" data-testid="empty-list">
      ${h(EmptyDrawing, {})}
      <p class="empty-text">${t(`chats.empty_${filter}`)}</p>
      ${filter === "all" && html`
        <p class="empty-hint">${t("chats.empty_hint")}</p>
        <button type="button" class="button is-primary" onClick=${onNew}>${t("chats.new_chat")}</button>`}
    </div>`;
}

/** Rows that breathe while the list is on its way; CSS shows them after 150 ms only. */
export function ListSkeleton() {
  return html`
    <div class="chat-skeletons" role="status" aria-label=${t("chats.loading")}>
      ${[0, 1, 2, 3, 4].map((row) => html`
        <div key=${row} class="chat-skeleton"><span class="skeleton is-round"></span><span class="skeleton"></span><span class="skeleton"></span></div>`)}
    </div>`;
}
