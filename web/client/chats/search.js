/** What a search finds: chats by name and item, messages by text, with what was found marked. */

import { Avatar } from "../../ui/avatar.js";
import { formatBrief } from "../../ui/format.js";
import { Icon } from "../../ui/icons.js";
import { t } from "../../ui/i18n.js";
import { batch, h, html, signal, useEffect, useMemo } from "../../ui/view.js";
import { EmptyDrawing } from "../empty-drawing.js";
import { formatRoute } from "../router.js";
import { useStore } from "../store.js";
import { Fragments } from "./highlighted.js";
import { moveRowFocus } from "./row-focus.js";
import { ChatRow } from "./row.js";
import { titleOf } from "./titles.js";

/** @typedef {import("../../sdk/index.js").SearchPage["results"][number]} Result */

/** A search begins when no key was pressed for this long, in ms. */
const PAUSE = 200;
/** Chats shown; a more exact query finds the others. */
const CHATS = 8;
/** Results a page. */
const PAGE = 20;

/** One search after the other: a new query ends the one before. */
export class ChatSearch {
  #client;
  #running = new AbortController();
  #timer = 0;
  #cursor = /** @type {string | null} */ (null);
  #query = "";

  state = signal(/** @type {"idle" | "searching" | "done" | "failed"} */ ("idle"));
  chatIds = signal(/** @type {readonly number[]} */ ([]));
  results = signal(/** @type {readonly Result[]} */ ([]));
  suggestions = signal(/** @type {readonly import("../../sdk/index.js").Suggestion[]} */ ([]));
  ignored = signal(/** @type {readonly string[]} */ ([]));
  hasMore = signal(false);

  /** @param {import("../../sdk/index.js").ChatClient} client */
  constructor(client) {
    this.#client = client;
  }

  /** @param {string} query  trimmed, not empty */
  start(query) {
    this.stop();
    this.#query = query;
    this.#running = new AbortController();
    this.state.value = "searching";
    this.#timer = setTimeout(() => { void this.#search(this.#running.signal); }, PAUSE);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#running.abort();
  }

  async loadMore() {
    if (!this.#cursor || this.state.peek() === "searching") return;
    this.state.value = "searching";
    const { signal: aborted } = this.#running;
    try {
      const page = await this.#client.search(this.#query, { cursor: this.#cursor, limit: PAGE, signal: aborted });
      this.#take(page, this.results.peek());
    } catch {
      if (!aborted.aborted) this.state.value = "failed";
    }
  }

  /** @param {AbortSignal} aborted */
  async #search(aborted) {
    const q = this.#query;
    const options = { signal: aborted };
    // Suggestions are a help only: without them, the search goes on.
    const suggested = this.#client.suggest(q, options).catch(() => []);
    try {
      const [chats, page, suggestions] = await Promise.all([
        this.#client.listChats({ q, limit: CHATS, ...options }),
        this.#client.search(q, { limit: PAGE, ...options }),
        suggested,
      ]);
      if (aborted.aborted) return;
      batch(() => {
        this.chatIds.value = chats.map((chat) => chat.id);
        this.suggestions.value = suggestions.filter(({ text }) => text.toLocaleLowerCase() !== q.toLocaleLowerCase());
        this.#take(page, []);
      });
    } catch {
      if (!aborted.aborted) this.state.value = "failed";
    }
  }

  /**
   * @param {import("../../sdk/index.js").SearchPage} page
   * @param {readonly Result[]} before
   */
  #take(page, before) {
    batch(() => {
      this.results.value = [...before, ...page.results];
      this.ignored.value = page.ignored;
      this.#cursor = page.next_cursor;
      this.hasMore.value = page.has_more;
      this.state.value = "done";
    });
  }
}

/**
 * @param {{
 *   query: string, onQuery: (query: string) => void,
 *   onMenu: (chatId: number, anchor: import("../../ui/menu.js").MenuAnchor) => void,
 * }} props  query: trimmed, not empty
 */
export function SearchResults({ query, onQuery, onMenu }) {
  const store = useStore();
  const search = useMemo(() => new ChatSearch(store.client), [store]);
  useEffect(() => search.start(query), [search, query]);
  useEffect(() => () => search.stop(), [search]);
  const state = search.state.value;
  const chatIds = search.chatIds.value;
  const results = search.results.value;
  const suggestions = search.suggestions.value;
  const isEmpty = !chatIds.length && !results.length;
  return html`
    <div class="chat-scroller" data-testid="search-results" onKeyDown=${moveRowFocus} aria-busy=${state === "searching"}>
      ${suggestions.length > 0 && html`
        <div class="suggestions" role="group" aria-label=${t("chats.suggestions")}>
          ${suggestions.slice(0, 6).map((suggestion) => html`
            <button key=${`${suggestion.type} ${suggestion.text}`} type="button" class="suggestion"
              onClick=${() => (suggestion.chat_id ? store.select(suggestion.chat_id) : onQuery(suggestion.text))}>
              ${h(Icon, { name: "search", size: 15 })}<span dir="auto">${suggestion.text}</span>
            </button>`)}
        </div>`}
      ${chatIds.length > 0 && html`
        <h2 class="results-title" id="found-chats">${t("chats.found_chats")}</h2>
        <ul class="chat-list" aria-labelledby="found-chats">
          ${chatIds.map((chatId, index) => h(ChatRow, {
            key: chatId, chatId, isSelected: chatId === store.selected.value, isReachable: index === 0, query,
            onOpen: (id) => store.select(id), onMenu,
          }))}
        </ul>`}
      ${results.length > 0 && html`
        <h2 class="results-title" id="found-messages">${t("chats.found_messages")}</h2>
        <ul class="chat-list" aria-labelledby="found-messages">
          ${results.map((result) => h(MessageResult, { key: result.message.id, result }))}
        </ul>`}
      ${search.hasMore.value && state !== "searching" && html`
        <button type="button" class="button more-results" onClick=${() => search.loadMore()}>${t("chats.more_results")}</button>`}
      <p class="list-loading" role="status">${describe(state, query, isEmpty, search.ignored.value)}</p>
      ${isEmpty && state === "done" && html`<div class="empty">${h(EmptyDrawing, {})}</div>`}
      ${state === "failed" && html`
        <div class="list-failed"><button type="button" class="link-button" onClick=${() => search.start(query)}>${t("shell.try_now")}</button></div>`}
    </div>`;
}

/**
 * @param {"idle" | "searching" | "done" | "failed"} state
 * @param {string} query
 * @param {boolean} isEmpty
 * @param {readonly string[]} ignored
 */
function describe(state, query, isEmpty, ignored) {
  if (state === "failed") return t("chats.search_failed");
  if (state === "searching") return isEmpty ? t("chats.searching") : "";
  if (state === "done" && isEmpty) return t("chats.nothing_found", { query });
  return ignored.length ? t("chats.search_ignored", { words: ignored.join(", ") }) : "";
}

/** @param {{ result: Result }} props */
function MessageResult({ result: { message, chat, fragments } }) {
  const store = useStore();
  const known = store.chat(message.chat_id).value;
  const title = known ? titleOf(known) : chat?.title ?? chat?.other_user?.name ?? message.sender?.name ?? "";
  const isMine = message.sender_id === store.me;
  const open = (/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    store.select(message.chat_id, message.id);
  };
  return html`
    <li class="chat-entry">
      <a class="chat-row is-result" data-chat-id=${message.chat_id} data-testid=${`found-message-${message.id}`}
        href=${formatRoute({ name: "chat", chatId: message.chat_id, messageId: message.id })} onClick=${open}>
        ${h(Avatar, { id: message.sender_id, name: message.sender?.name ?? "", picture: message.sender?.picture_url, size: 36 })}
        <span class="chat-lines">
          <span class="chat-line">
            <span class="chat-name" dir="auto">${title}</span>
            <time class="chat-time" datetime=${message.created_at}>${formatBrief(message.created_at)}</time>
          </span>
          <span class="found-text" dir="auto">
            ${isMine ? html`<span class="chat-author">${t("chats.you")}: </span>` : known?.kind === "group" && html`<span class="chat-author">${message.sender?.name}: </span>`}
            ${h(Fragments, { fragments })}
          </span>
        </span>
      </a>
    </li>`;
}
