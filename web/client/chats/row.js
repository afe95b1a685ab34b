/** A chat in the list. It reads the signals of its chat alone, so that a message renders one row. */

import { Avatar } from "../../ui/avatar.js";
import { formatBrief, formatCount, formatFull, formatList } from "../../ui/format.js";
import { Icon } from "../../ui/icons.js";
import { t } from "../../ui/i18n.js";
import { h, html } from "../../ui/view.js";
import { formatRoute } from "../router.js";
import { useStore } from "../store.js";
import { Highlighted } from "./highlighted.js";
import { previewOf } from "./preview.js";
import { faceOf, isUnread, pictureOf, titleOf } from "./titles.js";

/** @typedef {import("../../sdk/index.js").ShownChat} ShownChat */

/**
 * @param {{
 *   chatId: number, isSelected: boolean, isReachable: boolean, query?: string,
 *   onOpen: (chatId: number) => void, onMenu: (chatId: number, anchor: import("../../ui/menu.js").MenuAnchor) => void,
 * }} props  `isReachable`: by the Tab key, as one row of the list is; `query`: what to highlight in its name
 */
export function ChatRow({ chatId, isSelected, isReachable, query = "", onOpen, onMenu }) {
  const store = useStore();
  const chat = store.chat(chatId).value;
  if (!chat) return null;
  const isOnline = chat.other_user ? store.presence(chat.other_user.id).value.isOnline : false;
  const unread = isUnread(chat);
  const title = titleOf(chat);
  const classes = ["chat-row", isSelected && "is-selected", unread && "is-unread", chat.is_muted && "is-muted"].filter(Boolean).join(" ");
  const open = (/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;  // the browser opens it in a tab
    event.preventDefault();
    onOpen(chatId);
  };
  const openMenu = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    const row = /** @type {HTMLElement} */ (event.currentTarget);
    // The menu key of the keyboard gives no point.
    onMenu(chatId, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : row);
  };
  return html`
    <li class="chat-entry">
      <a class=${classes} href=${formatRoute({ name: "chat", chatId, messageId: null })} data-testid=${`chat-item-${chatId}`}
        data-chat-id=${chatId} aria-current=${isSelected ? "page" : undefined} tabindex=${isReachable ? 0 : -1} draggable=${false}
        onClick=${open} onContextMenu=${openMenu}>
        ${h(Avatar, { id: faceOf(chat), name: title, picture: pictureOf(chat), isOnline, item: chat.item ?? null })}
        <span class="chat-lines">
          <span class="chat-line">
            <span class="chat-name" dir="auto">${query ? h(Highlighted, { text: title, query }) : title}</span>
            ${chat.item && html`<span class="chat-item-title" dir="auto">${query ? h(Highlighted, { text: itemTitleOf(chat), query }) : itemTitleOf(chat)}</span>`}
            ${isOnline && html`<span class="visually-hidden">${t("chats.online")}</span>`}
            <time class="chat-time" datetime=${chat.last_message_at} title=${formatFull(chat.last_message_at)}>${formatBrief(chat.last_message_at)}</time>
          </span>
          <span class="chat-line">
            ${h(RowText, { chat })}
            ${h(RowMarks, { chat, unread })}
          </span>
        </span>
      </a>
    </li>`;
}

/** @param {ShownChat} chat */
const itemTitleOf = (chat) => chat.item?.title || t("chats.item_gone");

/**
 * What happens in a chat: typing, before my draft, before the newest message.
 *
 * @param {{ chat: ShownChat }} props
 */
function RowText({ chat }) {
  const store = useStore();
  const isGroup = chat.kind === "group";
  if (chat.typing.length) {
    const names = chat.typing.map((id) => store.client.state.person(id)?.name ?? "").filter(Boolean).slice(0, 2);
    const text = isGroup && names.length ? t("chats.typing_names", { names: formatList(names), count: names.length }) : t("chats.typing");
    return html`<span class="chat-text is-typing" data-testid="chat-typing" dir="auto">${text}</span>`;
  }
  if (chat.draft && store.selected.value !== chat.id) {
    return html`
      <span class="chat-text" dir="auto"><span class="chat-draft">${t("chats.draft")}</span> ${chat.draft.replace(/\s+/g, " ")}</span>`;
  }
  if (!chat.last_message) return html`<span class="chat-text is-soft">${t("chats.no_messages")}</span>`;
  const { author, icon, text, isSoft } = previewOf(chat.last_message, store.me, isGroup);
  return html`
    <span class=${isSoft ? "chat-text is-soft" : "chat-text"} dir="auto">
      ${author ? html`<span class="chat-author">${author}: </span>` : null}${icon && h(Icon, { name: icon, size: 15 })}${text}
    </span>`;
}

/** @param {{ chat: ShownChat, unread: boolean }} props */
function RowMarks({ chat, unread }) {
  return html`
    <span class="chat-marks">
      ${chat.pending_count > 0 && html`<span title=${t("chats.pending")}>${h(Icon, { name: "clock", size: 15 })}<span class="visually-hidden">${t("chats.pending")}</span></span>`}
      ${chat.is_muted && html`<span title=${t("chats.muted")}>${h(Icon, { name: "mute", size: 15 })}<span class="visually-hidden">${t("chats.muted")}</span></span>`}
      ${chat.is_pinned && !unread && html`<span title=${t("chats.pinned")}>${h(Icon, { name: "pin", size: 15 })}<span class="visually-hidden">${t("chats.pinned")}</span></span>`}
      ${unread && html`
        <span class=${chat.is_muted ? "count is-quiet" : "count"} data-testid="unread-badge">
          <span aria-hidden="true">${chat.unread_count ? formatCount(chat.unread_count) : ""}</span>
          <span class="visually-hidden">${chat.unread_count ? t("chats.unread_count", { count: chat.unread_count }) : t("chats.marked_unread")}</span>
        </span>`}
    </span>`;
}
