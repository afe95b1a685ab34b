/**
 * What reaches a person who is looking elsewhere: recent events for the bell, notifications of the browser, and the number
 * of unread messages in the title and the icon of the page.
 */

import { computed, createContext, effect, signal, useContext } from "../ui/view.js";
import { t } from "../ui/i18n.js";
import { PageBadge } from "./page-badge.js";
import { preferences } from "./preferences.js";
import { describeMessage } from "./chats/preview.js";
import { titleOf } from "./chats/titles.js";

/**
 * @typedef {object} RecentEvent
 * @property {number} id
 * @property {number} chatId
 * @property {number} messageId
 * @property {string} at  RFC 3339
 * @property {string} text
 */

/** Older events are found in the chats. */
const RECENT_LIMIT = 20;

/** Tabs of this browser that are in front of the person, by which other tabs keep silent. */
const CHANNEL = "chatapp.attention";

export class Notifications {
  #store;
  #badge;
  #tab = crypto.randomUUID();
  #activeTabs = new Set();
  #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

  /** The newest first. */
  recent = signal(/** @type {readonly RecentEvent[]} */ ([]));
  /** Events since the bell was opened last. */
  unseen = signal(0);

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.#store = store;
    this.#badge = new PageBadge(document);
    const { screen } = store;
    const chatTitle = computed(() => {
      const chat = store.selected.value === null ? undefined : store.chat(store.selected.value).value;
      return chat ? titleOf(chat) : t("chats.title");
    });
    effect(() => this.#badge.show(store.unreadTotal.value, chatTitle.value));
    effect(() => {
      const active = screen.isActive.value;
      this.#channel?.postMessage({ tab: this.#tab, active });
    });
    addEventListener("pagehide", () => this.#channel?.postMessage({ tab: this.#tab, active: false }));
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => {
        if (data.active) this.#activeTabs.add(data.tab);
        else this.#activeTabs.delete(data.tab);
      };
    }
    store.client.on("new_message", ({ chat_id: chatId, message }) => this.#take(chatId, message));
    // Chats that were read, here or on another device, are news no more.
    store.client.on("change", ({ chatId, kinds }) => {
      if (chatId !== null && (kinds.has("summary") || kinds.has("removed"))) this.#dropRead(chatId);
    });
  }

  /** The bell was opened: its events have been seen. */
  markSeen() {
    this.unseen.value = 0;
  }

  /**
   * @param {number} chatId
   * @param {import("../sdk/index.js").Message} message
   */
  #take(chatId, message) {
    const store = this.#store;
    if (message.sender_id === store.me || message.message_type === "system") return;
    const chat = store.chat(chatId).peek();
    const isInFront = store.screen.isActive.peek() && store.selected.peek() === chatId;
    if (!chat || chat.is_muted || isInFront) return;
    const text = describeMessage(message, store.me, chat.kind === "group");
    const event = { id: message.id, chatId, messageId: message.id, at: message.created_at, text };
    this.recent.value = [event, ...this.recent.value.filter(({ id }) => id !== event.id)].slice(0, RECENT_LIMIT);
    this.unseen.value += 1;
    if (this.#isNobodyLooking() && store.client.connection.isLeader) this.#notify(chat, event);
  }

  #isNobodyLooking() {
    return !this.#store.screen.isActive.peek() && this.#activeTabs.size === 0;
  }

  /**
   * @param {import("../sdk/index.js").ShownChat} chat
   * @param {RecentEvent} event
   */
  #notify(chat, { chatId, messageId, text }) {
    if (!preferences.peek().notifications || !isAllowed()) return;
    // One notification a chat: a newer message takes the place of the one before.
    const notification = new Notification(titleOf(chat), { body: text, tag: `chatapp-chat-${chatId}` });
    notification.onclick = () => {
      focus();
      this.#store.select(chatId, messageId);
      notification.close();
    };
  }

  /** @param {number} chatId */
  #dropRead(chatId) {
    const chat = this.#store.client.state.chat(chatId);
    if (chat && chat.unread_count > 0) return;
    const kept = this.recent.peek().filter((event) => event.chatId !== chatId);
    if (kept.length === this.recent.peek().length) return;
    this.unseen.value = Math.max(0, this.unseen.peek() - (this.recent.peek().length - kept.length));
    this.recent.value = kept;
  }
}

/** Whether this browser can show notifications at all. */
export const canNotify = () => typeof Notification !== "undefined";

/** Whether the person has allowed them. */
const isAllowed = () => canNotify() && Notification.permission === "granted";

/**
 * Ask the person, on their wish.
 *
 * @returns {Promise<boolean>} whether notifications are allowed now
 */
export async function askToNotify() {
  return canNotify() && (await Notification.requestPermission()) === "granted";
}

export const NotificationsContext = createContext(/** @type {Notifications | null} */ (null));

export function useNotifications() {
  const notifications = useContext(NotificationsContext);
  if (!notifications) throw new Error("no notifications above this component");
  return notifications;
}
