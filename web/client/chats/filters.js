/** Which chats the list shows. */

import { t } from "../../ui/i18n.js";
import { computed, html } from "../../ui/view.js";
import { isUnread } from "./titles.js";

/** @typedef {"all" | "unread" | "selling" | "buying" | "groups" | "snoozed" | "archived"} Filter */

/** @type {readonly Filter[]} */
export const FILTERS = ["all", "unread", "selling", "buying", "groups", "snoozed", "archived"];

/**
 * Which list of the server a filter is about.
 *
 * @param {Filter} filter
 * @returns {import("../store.js").ListName}
 */
export const listOf = (filter) => (filter === "archived" || filter === "snoozed" ? filter : "active");

/** @type {Partial<Record<Filter, (chat: import("../../sdk/index.js").ShownChat, me: number) => boolean>>} */
const CONDITIONS = {
  unread: isUnread,
  selling: (chat, me) => isAboutItem(chat) && chat.seller_id === me,
  buying: (chat, me) => isAboutItem(chat) && chat.buyer_id === me,
  groups: (chat) => chat.kind === "group",
};

/** @param {import("../../sdk/index.js").ShownChat} chat */
const isAboutItem = (chat) => chat.kind === "listing" || chat.kind === "storefront_product";

/**
 * Whether a chat is a session of mine with the assistant: it has a pane of its own, with those before it.
 *
 * @param {import("../../sdk/index.js").ShownChat | undefined} chat
 */
const isOwnSession = (chat) => chat?.kind === "assistant" && chat.role === "owner";

/**
 * The ids of a filter, in the order of the list. The open chat stays where it is although it has been read.
 *
 * @param {import("../store.js").Store} store
 * @param {Filter} filter
 */
export function filteredIds(store, filter) {
  const fits = CONDITIONS[filter];
  const list = store.lists[listOf(filter)];
  return computed(() => {
    const listed = list.value.filter((chatId) => !isOwnSession(store.client.state.chat(chatId)));
    if (!fits) return listed;
    const selected = store.selected.value;
    return listed.filter((chatId) => {
      const chat = store.chat(chatId).value;
      return chat !== undefined && (fits(chat, store.me) || (filter === "unread" && chatId === selected));
    });
  });
}

/** @param {{ filter: Filter, onChange: (filter: Filter) => void, hasSnoozed: boolean }} props */
export function FilterBar({ filter, onChange, hasSnoozed }) {
  const shown = FILTERS.filter((name) => name !== "snoozed" || hasSnoozed || filter === name);
  return html`
    <div class="filters" role="group" aria-label=${t("chats.filters")}>
      ${shown.map((name) => html`
        <button key=${name} type="button" class="filter" aria-pressed=${name === filter} data-testid=${`filter-${name}`}
          onClick=${(/** @type {MouseEvent} */ event) => {
            onChange(name);
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.scrollIntoView({ block: "nearest", inline: "nearest" });
          }}>${t(`chats.filter_${name}`)}</button>`)}
    </div>`;
}
