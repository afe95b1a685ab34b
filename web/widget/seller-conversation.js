/** Messages between the visitor and a seller, and where the visitor writes. */

import { h, html, useCallback, useEffect, useReducer, useRef } from "../ui/view.js";
import { Composer } from "../ui/assistant/composer.js";
import { ConnectionNotice } from "../ui/assistant/connection-notice.js";
import { LinkedText } from "../ui/assistant/linked-text.js";
import { PlainList } from "../ui/assistant/plain-list.js";
import { Boundary } from "../ui/boundary.js";
import { formatPrice, formatTime } from "../ui/format.js";
import { Icon } from "../ui/icon.js";
import { useFiles, useUploads } from "./seller-files.js";
import { t } from "./texts.js";

/** @typedef {import("../sdk/index.js").ChatClient} ChatClient */
/** @typedef {import("../sdk/index.js").Message} Message */
/** @typedef {import("../sdk/index.js").PendingMessage} PendingMessage */
/** @typedef {import("../sdk/assistant.js").AssistantItem} AssistantItem */

/** @typedef {{ key: string, message: Message | null, pending: PendingMessage | null, state: string }} Row */

/**
 * Where the first message goes, before there is a chat.
 *
 * @param {AssistantItem} item
 */
function targetOf(item) {
  return item.kind === "listing" ? { listingId: item.id } : { storefrontProductId: item.id };
}

/** @param {{ attachment: import("../sdk/index.js").Attachment }} props */
function Attachment({ attachment }) {
  const { file_type: type, file_name: name, thumbnail_url: thumbnail, public_url: url } = attachment;
  const isSafe = /^https?:/.test(url);
  if (type === "image" && isSafe && thumbnail) {
    return html`<a href=${url} target="_blank" rel="noopener noreferrer">
      <img class="seller-picture" src=${thumbnail} alt=${name} loading="lazy" data-testid="attachment-image" /></a>`;
  }
  const label = attachment.metadata.voice ? t("widget.sent_voice") : t("widget.sent_file", { name });
  return isSafe ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${label}</a>` : html`<span>${label}</span>`;
}

/** @param {{ row: Row, client: ChatClient }} props */
function Bubble({ row, client }) {
  const { message, pending, state } = row;
  const shown = message ?? pending;
  if (!shown || message?.message_type === "system") return null;
  const isMine = message === null || message.sender_id === client.state.me;
  const isRefused = pending?.state === "refused";
  const text = message?.is_deleted ? t("assistant.deleted") : shown.message_type === "location" && !shown.content
    ? t("widget.sent_location") : shown.content;
  return html`
    <div class=${`turn turn-${isMine ? "own" : "other"}`} part=${isMine ? "message own" : "message"}>
      <span class="assistant-hidden">${isMine ? t("assistant.you") : t("widget.seller")}</span>
      <div class=${`turn-bubble${message?.is_deleted ? " is-deleted" : ""}`} dir="auto">
        ${shown.attachments.map((attachment) => h(Attachment, { key: attachment.id, attachment }))}
        ${h(LinkedText, { text })}
        <span class="turn-stamp">
          <time datetime=${shown.created_at}>${formatTime(shown.created_at)}</time>
          ${isMine && !isRefused && html`<span role="img" aria-label=${t(pending ? "assistant.sending" : state === "read" ? "widget.read" : "widget.sent")}
            class=${state === "read" ? "seller-tick is-read" : "seller-tick"}>${
              h(Icon, { name: pending ? "clock" : state === "sent" ? "check" : "checks", size: 14 })}</span>`}
        </span>
      </div>
      ${isRefused && pending && html`
        <p class="turn-refused" role="alert"><span>${pending.error?.message || t("assistant.not_sent")}</span>
          <button type="button" class="assistant-link" onClick=${() => client.retry(pending.key)}>${t("assistant.try_again")}</button>
          <button type="button" class="assistant-link" onClick=${() => client.discard(pending.key)}>${t("assistant.discard")}</button>
        </p>`}
    </div>`;
}

/**
 * @param {ChatClient} client
 * @param {number | null} chatId
 * @param {AssistantItem} item
 * @param {Map<string, Row>} known
 * @returns {Row[]}
 */
function rowsOf(client, chatId, item, known) {
  const { state } = client;
  const messages = chatId === null ? [] : state.window(chatId).messages;
  const pending = [...state.pendingTo(targetOf(item)), ...(chatId === null ? [] : state.pending(chatId))];
  const stored = new Set(messages.map((message) => message.client_message_id));
  const rows = [
    ...messages.map((message) => ({ key: message.client_message_id ?? String(message.id), message, pending: null, state: state.messageState(message) })),
    ...pending.filter(({ key }) => !stored.has(key)).map((each) => ({ key: each.key, message: null, pending: each, state: each.state })),
  ];
  return rows.map((row) => {
    const old = known.get(row.key);
    return old && old.message === row.message && old.pending === row.pending && old.state === row.state ? old : row;
  });
}

/** The item as the chat knows it. @param {{ item: import("../sdk/index.js").Item }} props */
function ItemBar({ item }) {
  return html`
    <div class="seller-item" part="item">
      ${h(Icon, { name: "tag", size: 18 })}<span class="seller-item-title" dir="auto">${item.title}</span>
      ${item.is_deleted ? html`<span class="item-card-gone">${t("assistant.item_gone")}</span>`
        : item.price !== null && html`<strong>${formatPrice(item.price, item.currency)}</strong>`}
    </div>`;
}

/**
 * @param {object} props
 * @param {ChatClient} props.client
 * @param {import("./seller-chat.js").SellerChat} props.chat
 * @param {AssistantItem} props.item
 */
export function SellerConversation({ client, chat, item }) {
  const [, renderAgain] = useReducer((/** @type {number} */ count) => count + 1, 0);
  const { chatId, isSearched, isOpen } = chat;
  useEffect(() => chat.listen(() => renderAgain(undefined)), [chat]);
  const known = useRef(/** @type {Map<string, Row>} */ (new Map()));
  useEffect(() => client.on("change", (change) => {
    if (change.chatId === null || change.chatId === chatId) renderAgain(undefined);
  }), [client, chatId]);
  useEffect(() => { if (chatId !== null) client.openChat(chatId).catch(reportError); }, [client, chatId]);

  const rows = rowsOf(client, chatId, item, known.current);
  known.current = new Map(rows.map((row) => [row.key, row]));
  const newest = rows.at(-1)?.message?.id;
  useEffect(() => {
    if (isOpen && chatId !== null && newest !== undefined && client.state.unread(chatId) > 0) void client.markRead(chatId, newest);
  }, [client, chatId, newest, isOpen]);

  const renderRow = useCallback((/** @type {Row} */ row) => h(Bubble, { row, client }), [client]);
  const loadOlder = useCallback(() => (chatId === null ? undefined : client.loadOlder(chatId)), [client, chatId]);
  const shown = chatId === null ? undefined : client.state.chat(chatId);
  const isTyping = chatId !== null && client.state.typing(chatId).length > 0;
  const uploads = useUploads(client);
  const files = useFiles(uploads);
  const send = (/** @type {string} */ content) => {
    const { sent } = client.send({ ...(chatId === null ? targetOf(item) : { chatId }), content, attachments: uploads.attachments });
    files.clear();
    sent.then((message) => chat.update({ chatId: chat.chatId ?? message.chat_id }), () => { /* shown at the message, with a way to repeat it */ });
  };
  return h(Boundary, { name: "seller" }, html`
    <div class="assistant">
      ${h(ConnectionNotice, { client })}
      ${shown?.item && h(ItemBar, { item: shown.item })}
      ${rows.length === 0 ? html`<div class="thread thread-empty"><slot name="empty"><div class="welcome">
          ${isSearched && html`<span class="welcome-mark">${h(Icon, { name: "chat", size: 28 })}</span><p>${t("widget.empty_seller")}</p>`}
        </div></slot></div>` : html`
        <div class="thread">${h(/** @type {typeof PlainList<Row>} */ (PlainList), {
          rows, renderRow, loadOlder, hasOlder: chatId !== null && client.state.window(chatId).hasOlder,
          label: t("widget.chat_with_seller"),
          footer: isTyping && html`<div class="turn turn-other"><div class="turn-bubble turn-waiting">
            <span class="turn-dots" aria-hidden="true"><i></i><i></i><i></i></span>${t("widget.seller_typing")}</div></div>`,
        })}</div>`}
      ${h(Composer, {
        onSend: send, placeholder: t("assistant.placeholder_person"), files,
        onKeystroke: () => { if (chatId !== null) client.typing(chatId); },
      })}
    </div>`);
}
