/** The chat with the seller of the item whose page the visitor is on. */

import { h } from "../ui/view.js";
import { ChatClient } from "../sdk/index.js";
import { Notice } from "./frame.js";
import { SellerChat } from "./seller-chat.js";
import { SellerConversation } from "./seller-conversation.js";
import { language } from "./texts.js";

/** @typedef {import("../sdk/assistant.js").AssistantItem} AssistantItem */

/** Chats a request, while looking for the one about the item. */
const PAGE = 100;
/** Pages that are searched: beyond them the chat is older than a thousand others. The server finds it by the item, too. */
const PAGES = 10;

/**
 * The chat about an item in which I am not its seller, if it is among those that are known.
 *
 * @param {ChatClient} client
 * @param {AssistantItem} item
 */
function knownChat(client, item) {
  const { state } = client;
  const ids = /** @type {const} */ (["active", "archived", "snoozed"]).flatMap((name) => [...state.list(name)]);
  return ids.find((id) => {
    const chat = state.chat(id);
    return chat?.kind === item.kind && chat.seller_id !== state.me
      && (item.kind === "listing" ? chat.listing_id : chat.storefront_product_id) === item.id;
  });
}

/**
 * @param {ChatClient} client
 * @param {AssistantItem} item
 * @param {AbortSignal} signal
 */
async function findChat(client, item, signal) {
  for (const archived of [false, true]) {
    for (let page = 1; page <= PAGES; page += 1) {
      const found = knownChat(client, item);
      if (found !== undefined) return found;
      if ((await client.listChats({ archived, page, limit: PAGE, signal })).length < PAGE) break;
    }
  }
  return knownChat(client, item) ?? null;
}

/**
 * @param {import("./panel.js").Visit} visit
 * @returns {import("./panel.js").Conversation}
 */
export function open({ server, getToken, item, onUnread }) {
  if (getToken === null || item === null) {
    return { view: h(Notice, { text: item === null ? "widget.item_gone" : "widget.log_in" }), actions: null, setOpen: () => {}, dispose: () => {} };
  }
  const client = new ChatClient({ baseUrl: server, language: () => language.value, getToken });
  const listening = new AbortController();
  const { signal: ended } = listening;
  const chat = new SellerChat();

  client.on("sync", () => {
    findChat(client, item, ended).then((found) => {
      chat.update({ chatId: chat.chatId ?? found, isSearched: true });
    }).catch((error) => { if (!ended.aborted) reportError(error); });
  }, { signal: ended });
  client.on("new_message", ({ chat_id: id }) => {
    if (chat.chatId === null && knownChat(client, item) === id) chat.update({ chatId: id });
  }, { signal: ended });

  const showUnread = () => onUnread(chat.isOpen || chat.chatId === null ? 0 : client.state.unread(chat.chatId));
  client.on("change", (change) => { if (change.chatId === chat.chatId) showUnread(); }, { signal: ended });
  chat.listen(showUnread);

  client.connect();
  return {
    view: h(SellerConversation, { client, chat, item }),
    actions: null,
    setOpen: (isOpen) => chat.update({ isOpen }),
    dispose: () => {
      listening.abort();
      client[Symbol.dispose]();
    },
  };
}
