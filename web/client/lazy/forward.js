/** Choose the chats that a message is forwarded to. */

import { Avatar } from "../../ui/avatar.js";
import { Dialog } from "../../ui/dialog.js";
import { t } from "../../ui/texts.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { titleOf } from "../conversation/head.js";
import { summarize } from "../conversation/quote.js";

/** As many chats as one request may name. */
const CHAT_LIMIT = 100;
const PAUSE = 200;

/** @typedef {import("../store.js").Store} Store */

/** @param {Store} store @param {string} query */
function useChats(store, query) {
  const [ids, setIds] = useState(/** @type {readonly number[]} */ (store.client.state.list("active")));
  useEffect(() => {
    if (!query.trim()) {
      setIds(store.client.state.list("active"));
      return undefined;
    }
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      const chats = await store.attempt(store.client.listChats({ q: query.trim(), signal: ended.signal }));
      if (chats && !ended.signal.aborted) setIds(chats.map(({ id }) => id));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [query]);
  return ids.flatMap((id) => store.client.state.chat(id) ?? []);
}

/** @param {{ store: Store, message: import("../../sdk/types.js").Message, onClose: () => void }} props */
function ForwardDialog({ store, message, onClose }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(/** @type {readonly number[]} */ ([]));
  const chats = useChats(store, query);

  /** @param {number} chatId */
  function toggle(chatId) {
    if (chosen.includes(chatId)) setChosen(chosen.filter((id) => id !== chatId));
    else if (chosen.length < CHAT_LIMIT) setChosen([...chosen, chatId]);
  }

  function send() {
    // What becomes of each is shown in its chat.
    for (const { sent } of store.client.forward(message.id, chosen)) sent.catch(() => {});
    onClose();
    store.screen.showToast(t("message.forwarded_to", { count: chosen.length }));
    if (chosen.length === 1 && chosen[0]) store.select(chosen[0]);
  }

  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="button" class="button is-primary" disabled=${!chosen.length} onClick=${send} data-testid="forward-send">${t("message.forward_send")}</button>`;
  return h(Dialog, { title: t("message.forward_title"), onClose, actions, testId: "forward" }, html`
    <p class="forward-preview" dir="auto">${summarize(message)}</p>
    <input type="search" class="input" placeholder=${t("message.forward_search")} aria-label=${t("message.forward_search")} value=${query}
      onInput=${(/** @type {InputEvent} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
    <ul class="person-list is-scrolled">
      ${chats.map((chat) => html`
        <li key=${chat.id}>
          <label class="person-row is-choice">
            <input type="checkbox" checked=${chosen.includes(chat.id)} onChange=${() => toggle(chat.id)} data-testid=${`forward-to-${chat.id}`} />
            ${h(Avatar, { id: chat.other_user?.id ?? chat.id, name: titleOf(chat), picture: chat.picture_url || chat.other_user?.picture_url, size: 36 })}
            <span class="person-texts"><span class="person-name" dir="auto">${titleOf(chat)}</span>${chat.item && html`<span class="person-detail" dir="auto">${chat.item.title}</span>`}</span>
          </label>
        </li>`)}
    </ul>
    ${!chats.length && html`<p class="dialog-text">${t("message.forward_none")}</p>`}`);
}

/** @param {Store} store @param {import("../../sdk/types.js").Message} message */
export function openForward(store, message) {
  store.screen.openDialog((close) => h(ForwardDialog, { store, message, onClose: close }));
}
