/** What can be done with a chat of the list. */

import { Confirmation } from "../../ui/dialog.js";
import { t } from "../../ui/i18n.js";
import { Menu } from "../../ui/menu.js";
import { h, html } from "../../ui/view.js";
import { useStore } from "../store.js";
import { mutePeriods, snoozePeriods } from "./periods.js";
import { isUnread, titleOf } from "./titles.js";

/** @typedef {"main" | "mute" | "snooze"} MenuPage  `mute` and `snooze` ask for how long */
/** @typedef {import("../../ui/menu.js").MenuEntry} MenuEntry */
/** @typedef {import("../../sdk/index.js").ShownChat} ShownChat */
/** @typedef {import("../store.js").Store} Store */

/**
 * @param {{
 *   chatId: number, page: MenuPage, anchor: import("../../ui/menu.js").MenuAnchor, onClose: () => void,
 *   onPage: (page: MenuPage) => void,
 * }} props
 */
export function ChatMenu({ chatId, page, anchor, onClose, onPage }) {
  const store = useStore();
  const chat = store.chat(chatId).value;
  if (!chat) return null;
  const label = page === "main" ? t("chats.menu", { name: titleOf(chat) }) : t(`chats.${page}`);
  const items = page === "main" ? mainItems(store, chat, onPage) : periodItems(store, chatId, page);
  return h(Menu, { label, items, anchor, onClose }, page !== "main" && html`<div class="menu-title" aria-hidden="true">${label}</div>`);
}

/**
 * @param {Store} store
 * @param {ShownChat} chat
 * @param {(page: MenuPage) => void} onPage
 * @returns {MenuEntry[]}
 */
function mainItems(store, chat, onPage) {
  const { client } = store;
  const { id } = chat;
  const run = (/** @type {() => Promise<void>} */ change) => () => { void store.attempt(change()); };
  return [
    isUnread(chat)
      ? { label: t("chats.mark_read"), icon: "checks", run: run(() => client.markRead(id)) }
      : { label: t("chats.mark_unread"), icon: "chat", run: run(() => client.markUnread(id)) },
    chat.is_pinned
      ? { label: t("chats.unpin"), icon: "pin", run: run(() => client.unpinChat(id)) }
      : { label: t("chats.pin"), icon: "pin", run: run(() => client.pinChat(id)) },
    chat.is_muted
      ? { label: t("chats.unmute"), icon: "bell", run: run(() => client.unmute(id)) }
      : { label: t("chats.mute"), icon: "mute", run: () => onPage("mute") },
    chat.snoozed_until
      ? { label: t("chats.unsnooze"), icon: "clock", run: run(() => client.unsnooze(id)) }
      : { label: t("chats.snooze"), icon: "clock", run: () => onPage("snooze") },
    chat.is_archived
      ? { label: t("chats.unarchive"), icon: "archive", run: run(() => client.unarchive(id)) }
      : { label: t("chats.archive"), icon: "archive", run: () => archive(store, id) },
    "line",
    { label: t("chats.delete"), icon: "trash", isDangerous: true, testId: "delete-chat", run: () => confirmDeletion(store, chat) },
  ];
}

/**
 * @param {Store} store
 * @param {number} chatId
 * @param {"mute" | "snooze"} page
 * @returns {MenuEntry[]}
 */
function periodItems(store, chatId, page) {
  const { client } = store;
  if (page === "snooze") {
    return snoozePeriods().map(({ label, until }) => ({ label, run: () => { void store.attempt(client.snooze(chatId, until)); } }));
  }
  return mutePeriods().map(({ label, until }) => ({ label, run: () => { void store.attempt(client.mute(chatId, until)); } }));
}

/**
 * Archive a chat, with a way back: it leaves the list at once.
 *
 * @param {Store} store
 * @param {number} chatId
 */
function archive(store, chatId) {
  void store.attempt(store.client.archive(chatId));
  const undo = { label: t("chats.undo"), run: () => { void store.attempt(store.client.unarchive(chatId)); } };
  store.screen.showToast(t("chats.archived"), { action: undo });
}

/**
 * @param {Store} store
 * @param {ShownChat} chat
 */
function confirmDeletion(store, chat) {
  const isGroup = chat.kind === "group";
  store.screen.openDialog((close) => h(Confirmation, {
    title: t("chats.delete_title", { name: titleOf(chat) }),
    text: t(isGroup ? "chats.delete_group_text" : "chats.delete_text"),
    confirm: t("chats.delete"),
    isDangerous: true,
    onConfirm: () => { void store.attempt(store.client.deleteChat(chat.id)); },
    onClose: close,
  }));
}
