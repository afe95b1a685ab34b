/** The conversation of a chat: head, item, pinned messages, messages, composer. */

import { t } from "../../ui/texts.js";
import { h, html, useEffect, useMemo } from "../../ui/view.js";
import { ComposerPane } from "../composer/composer.js";
import { useStore } from "../store.js";
import { Arrivals } from "./arrivals.js";
import { useDrop } from "./drop.js";
import { ConversationHead } from "./head.js";
import { ItemBar } from "./item-bar.js";
import { MessageActions } from "./message-actions.js";
import { MessageMenu } from "./message-menu.js";
import { Messages } from "./messages.js";
import { Conversation } from "./model.js";
import { PinsBar } from "./pins-bar.js";
import { SearchBar } from "./search-bar.js";

/** @param {{ conversation: Conversation, actions: MessageActions }} props */
function Window({ conversation, actions }) {
  const { phase, client, chatId, store } = conversation;
  void store.revision(chatId, "messages").value;
  void store.revision(chatId, "pending").value;
  if (phase.value === "failed") {
    return html`
      <div class="conversation-state" role="alert">
        <p>${t("conversation.cannot_read")}</p>
        <button type="button" class="button" onClick=${() => void conversation.open(null)}>${t("conversation.try_again")}</button>
      </div>`;
  }
  // Without the chat there is no head yet: it would push the first unread message out of sight later.
  if (phase.value === "loading" || !store.chat(chatId).value) return html`<div class="conversation-state is-loading" aria-busy="true">${[0, 1, 2, 3].map((place) => html`<i key=${place} class="skeleton-bubble"></i>`)}</div>`;
  if (!conversation.window.messages.length && !client.state.pending(chatId).length) {
    return html`
      <div class="conversation-state is-empty" data-testid="conversation-empty">
        <svg class="empty-drawing" viewBox="0 0 120 80" aria-hidden="true" focusable="false">
          <path d="M14 10h58a8 8 0 0 1 8 8v20a8 8 0 0 1-8 8H34L20 58V46h-6a8 8 0 0 1-8-8V18a8 8 0 0 1 8-8z" />
          <path d="M90 30h14a8 8 0 0 1 8 8v18a8 8 0 0 1-8 8h-4v10L86 64H62a8 8 0 0 1-8-8" />
        </svg>
        <p>${t("conversation.empty")}</p>
      </div>`;
  }
  return h(Messages, { conversation, actions });
}

/** @param {{ chatId: number, anchor: number | null }} props  anchor: the message to show */
export function ConversationPane({ chatId, anchor }) {
  const store = useStore();
  const conversation = useMemo(() => new Conversation(store, chatId), [store, chatId]);
  const actions = useMemo(() => new MessageActions(conversation), [conversation]);
  const chat = store.chat(chatId).value;
  const { isOver, handlers } = useDrop((files) => { conversation.dropped.value = files; });

  useEffect(() => {
    void conversation.open(anchor);
    return () => conversation[Symbol.dispose]();
  }, [conversation]);
  useEffect(() => {
    if (anchor && conversation.phase.peek() === "open") void conversation.jump(anchor);
  }, [anchor]);
  /** @param {KeyboardEvent} event */
  function handleKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (conversation.isSearching.peek()) conversation.isSearching.value = false;
    else return;
    event.preventDefault();
  }

  return html`
    <div class="conversation" data-testid="conversation" onKeyDown=${handleKey} ...${handlers}>
      ${chat && h(ConversationHead, { chat, conversation })}
      ${chat?.item && h(ItemBar, { item: chat.item, kind: chat.kind })}
      ${conversation.isSearching.value && h(SearchBar, { conversation })}
      ${h(PinsBar, { conversation, canPin: actions.canPin })}
      ${h(Window, { key: chatId, conversation, actions })}
      ${h(ComposerPane, { key: chatId, conversation })}
      ${h(MessageMenu, { actions })}
      ${h(Arrivals, { conversation })}
      ${isOver && html`<div class="drop-zone" aria-hidden="true"><span>${t("conversation.drop_files")}</span></div>`}
    </div>`;
}
