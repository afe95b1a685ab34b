/** The bell of the header: unread chats other than the open one, and what came while the person looked elsewhere. */

import { Avatar } from "../ui/avatar.js";
import { formatBrief, formatCount } from "../ui/format.js";
import { Icon } from "../ui/icons.js";
import { t } from "../ui/i18n.js";
import { Popup } from "../ui/popup.js";
import { computed, h, html, useMemo, useRef, useState } from "../ui/view.js";
import { describeMessage } from "./chats/preview.js";
import { faceOf, isUnread, pictureOf, titleOf } from "./chats/titles.js";
import { canNotify, useNotifications } from "./notifications.js";
import { preferences } from "./preferences.js";
import { switchNotifications } from "./settings/notification-setting.js";
import { useStore } from "./store.js";

/** Chats shown; the list has all of them. */
const SHOWN = 12;

/** @param {import("./store.js").Store} store */
function otherUnreadChats(store) {
  return computed(() => store.lists.active.value.filter((chatId) => {
    const chat = store.chat(chatId).value;
    return chatId !== store.selected.value && chat !== undefined && !chat.is_muted && isUnread(chat);
  }));
}

export function Bell() {
  const store = useStore();
  const notifications = useNotifications();
  const chatIds = useMemo(() => otherUnreadChats(store), [store]).value;
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  const unseen = notifications.unseen.value;
  const open = () => {
    setOpen(!isOpen);
    notifications.markSeen();
  };
  return html`
    <button ref=${button} type="button" class="icon-button" aria-haspopup="dialog" aria-expanded=${isOpen} data-testid="bell"
      aria-label=${t("shell.notifications_count", { count: chatIds.length })} title=${t("shell.notifications")} onClick=${open}>
      ${h(Icon, { name: "bell" })}
      ${chatIds.length > 0 && html`<span class=${unseen ? "bell-count count" : "bell-count count is-quiet"} aria-hidden="true">${formatCount(chatIds.length)}</span>`}
    </button>
    ${isOpen && button.current && h(Popup, { label: t("shell.notifications"), anchor: button.current, onClose: () => setOpen(false), class: "bell-popup", testId: "bell-popup" }, html`
      <h2 class="bell-title">${t("shell.notifications")}</h2>
      ${chatIds.length
        ? html`<ul class="bell-list">${chatIds.slice(0, SHOWN).map((chatId) => h(BellEntry, { key: chatId, chatId, onOpen: () => setOpen(false) }))}</ul>`
        : html`<p class="bell-empty">${t("shell.no_notifications")}</p>`}
      ${canNotify() && !preferences.value.notifications && html`
        <button type="button" class="button is-wide" data-testid="allow-notifications" onClick=${() => switchNotifications(store, true)}>${t("shell.allow_notifications")}</button>`}`)}`;
}

/** @param {{ chatId: number, onOpen: () => void }} props */
function BellEntry({ chatId, onOpen }) {
  const store = useStore();
  const notifications = useNotifications();
  const chat = store.chat(chatId).value;
  if (!chat) return null;
  // The oldest event of the chat is where to go on reading.
  const events = notifications.recent.value.filter((event) => event.chatId === chatId);
  const text = events[0]?.text ?? (chat.last_message ? describeMessage(chat.last_message, store.me, chat.kind === "group") : "");
  const open = () => {
    onOpen();
    store.select(chatId, events.at(-1)?.messageId ?? null);
  };
  return html`
    <li>
      <button type="button" class="bell-entry" data-testid=${`bell-chat-${chatId}`} onClick=${open}>
        ${h(Avatar, { id: faceOf(chat), name: titleOf(chat), picture: pictureOf(chat), size: 36 })}
        <span class="bell-texts">
          <span class="bell-name"><span dir="auto">${titleOf(chat)}</span><time datetime=${chat.last_message_at}>${formatBrief(chat.last_message_at)}</time></span>
          <span class="bell-text" dir="auto">${text}</span>
        </span>
        ${chat.unread_count > 0 && html`<span class="count">${formatCount(chat.unread_count)}<span class="visually-hidden"> ${t("chats.unread")}</span></span>`}
      </button>
    </li>`;
}
