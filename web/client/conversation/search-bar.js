/** Search in one conversation: what was found, one after the other, marked in the messages. */

import { formatBrief } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";

/** Keys come faster than answers: a search begins after this pause. In ms. */
const PAUSE = 250;
const PAGE = 30;

/** @typedef {import("../../sdk/types.js").SearchPage["results"][number]} Result */

/**
 * @param {import("./model.js").Conversation} conversation
 * @param {string} query
 */
function useResults(conversation, query) {
  const [found, setFound] = useState(/** @type {{ query: string, results: readonly Result[], hasMore: boolean } | null} */ (null));
  const { client, chatId, store } = conversation;
  useEffect(() => {
    const wanted = query.trim();
    if (!wanted) {
      setFound(null);
      conversation.terms.value = [];
      return undefined;
    }
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      const page = await store.attempt(client.search(wanted, { chatId, sort: "newest", limit: PAGE, signal: ended.signal }));
      if (!page || ended.signal.aborted) return;
      setFound({ query: wanted, results: page.results, hasMore: page.has_more });
      conversation.terms.value = [...new Set(page.results.flatMap(({ fragments }) => fragments.filter(({ hit }) => hit).map(({ text }) => text)))];
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [conversation, query]);
  return found;
}

/** @param {{ result: Result, isCurrent: boolean, onOpen: () => void, nameOf: (userId: number) => string, me: number }} props */
function ResultRow({ result, isCurrent, onOpen, nameOf, me }) {
  const { message, fragments } = result;
  return html`
    <li>
      <button type="button" class=${isCurrent ? "find-result is-current" : "find-result"} aria-current=${isCurrent ? "true" : null} onClick=${onOpen}>
        <span class="find-result-head">
          <span class="find-result-name" dir="auto">${message.sender_id === me ? t("message.you") : nameOf(message.sender_id) || message.sender?.name}</span>
          <time dateTime=${message.created_at}>${formatBrief(message.created_at)}</time>
        </span>
        <span class="find-result-text" dir="auto">${fragments.map(({ text, hit }) => hit ? html`<mark class="found">${text}</mark>` : text)}</span>
      </button>
    </li>`;
}

/** @param {{ conversation: import("./model.js").Conversation }} props */
export function SearchBar({ conversation }) {
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(-1);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const found = useResults(conversation, query);
  const results = found?.results ?? [];

  useEffect(() => {
    field.current?.focus();
    return () => { conversation.terms.value = []; };
  }, [conversation]);
  useEffect(() => setPlace(-1), [found]);

  /** @param {number} next */
  function show(next) {
    const result = results[next];
    if (!result) return;
    setPlace(next);
    void conversation.jump(result.message.id);
  }

  /** @param {KeyboardEvent} event */
  function handleKey(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    show(event.shiftKey ? Math.max(0, place - 1) : Math.min(results.length - 1, place + 1));
  }

  const count = found && (results.length
    ? t(found.hasMore ? "conversation.found_more" : "conversation.found", { count: results.length, place: Math.max(place + 1, 0) })
    : t("conversation.found_none", { query: found.query }));
  return html`
    <search class="find-bar">
      <div class="find-row">
        <span class="find-field">
          ${h(Icon, { name: "search", size: 18 })}
          <input type="search" class="find-input" ref=${field} value=${query} placeholder=${t("conversation.search")} aria-label=${t("conversation.search")}
            data-testid="conversation-search" onKeyDown=${handleKey}
            onInput=${(/** @type {InputEvent} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
        </span>
        <span class="find-count" role="status">${found && results.length && place >= 0 ? `${place + 1} / ${results.length}${found.hasMore ? "+" : ""}` : ""}</span>
        <button type="button" class="icon-button" disabled=${place >= results.length - 1} aria-label=${t("conversation.found_older")} onClick=${() => show(place + 1)}>${h(Icon, { name: "up", size: 18 })}</button>
        <button type="button" class="icon-button" disabled=${place <= 0} aria-label=${t("conversation.found_newer")} onClick=${() => show(place - 1)}>${h(Icon, { name: "down", size: 18 })}</button>
        <button type="button" class="icon-button" aria-label=${t("conversation.end_search")} onClick=${() => { conversation.isSearching.value = false; }}>${h(Icon, { name: "close", size: 18 })}</button>
      </div>
      ${found && html`
        <div class="find-found">
          <p class="find-summary" role="status">${count}</p>
          <ul class="find-results">
            ${results.map((result, index) => h(ResultRow, {
              key: result.message.id, result, isCurrent: index === place, me: conversation.store.me,
              nameOf: (userId) => conversation.nameOf(userId), onOpen: () => show(index),
            }))}
          </ul>
        </div>`}
    </search>`;
}
