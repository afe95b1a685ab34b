/**
 * Signals over the SDK. A component that reads `store.chat(7).value` renders again when chat 7 changes, and for no other
 * chat; what has no signal here is read from `store.client.state` beside the `revision` that says when it changed.
 */

import { batch, computed, createContext, signal, useContext } from "../ui/view.js";
import { RefusedError, UnansweredError } from "../sdk/index.js";
import { t } from "../ui/i18n.js";
import { explainFailedLoad } from "./release.js";

/** @typedef {import("../sdk/index.js").ChatClient} ChatClient */
/** @typedef {import("../sdk/index.js").ShownChat} ShownChat */
/** @typedef {import("../sdk/index.js").ConnectionInfo} ConnectionInfo */
/** @typedef {"messages" | "pending" | "typing" | "pins" | "stars"} Revised */
/** @typedef {"active" | "archived" | "snoozed"} ListName */
/** @typedef {Omit<ConnectionInfo, "retryNow">} Connection  a copy: `store.client.connection` changes in place */

/** @type {readonly Revised[]} */
const REVISED = ["messages", "pending", "typing", "pins", "stars"];

export class Store {
  #chats = /** @type {Map<number, import("../ui/view.js").Signal<ShownChat | undefined>>} */ (new Map());
  #revisions = /** @type {Map<string, import("../ui/view.js").Signal<number>>} */ (new Map());
  #presences = /** @type {Map<number, import("../ui/view.js").Signal<{ isOnline: boolean, lastSeen: string | null }>>} */ (new Map());
  #listening = new AbortController();

  /** Who is logged in, with the limits of the server; null until known. */
  session = signal(/** @type {import("../sdk/index.js").Me | null} */ (null));
  /** The account that is logged in; null until known. */
  account = computed(() => this.session.value?.user ?? null);
  /** Whether the chat list was read. */
  isLoaded = signal(false);
  /** Unread messages in all chats; 0 until known. */
  unreadTotal = signal(0);

  /**
   * @param {ChatClient} client
   * @param {import("./router.js").Router} router
   * @param {import("./screen.js").Screen} screen
   */
  constructor(client, router, screen) {
    this.client = client;
    this.router = router;
    this.screen = screen;
    this.connection = signal(copyConnection(client.connection));
    this.lists = {
      active: signal(client.state.list("active")),
      archived: signal(client.state.list("archived")),
      snoozed: signal(client.state.list("snoozed")),
    };
    /** The id of the open chat; null if none is. */
    this.selected = computed(() => (router.route.value.name === "chat" ? router.route.value.chatId : null));
    /** The message that the address asks to show; null without one. */
    this.anchor = computed(() => (router.route.value.name === "chat" ? router.route.value.messageId : null));

    const options = { signal: this.#listening.signal };
    client.on("change", (change) => batch(() => this.#apply(change)), options);
    client.on("connection", (info) => { this.connection.value = copyConnection(info); }, options);
    client.on("sync", () => batch(() => this.#readAll()), options);
    client.on("refused", ({ error }) => this.showError(error), options);
    this.#readAll();
  }

  /** My id; 0 until known. */
  get me() {
    return this.client.state.me ?? this.account.value?.id ?? 0;
  }

  /**
   * A chat as the list shows it; undefined if it is not known or was removed.
   *
   * @param {number} chatId
   */
  chat(chatId) {
    return entry(this.#chats, chatId, () => this.client.state.chat(chatId));
  }

  /**
   * A number that rises when something of a chat changed, for what is read from `client.state`.
   *
   * @param {number} chatId
   * @param {Revised} kind
   */
  revision(chatId, kind) {
    return entry(this.#revisions, `${chatId} ${kind}`, () => 0);
  }

  /**
   * Whether a user is online, and since when not.
   *
   * @param {number} userId
   */
  presence(userId) {
    return entry(this.#presences, userId, () => this.client.state.presence(userId));
  }

  /**
   * Open a chat, and a message in it.
   *
   * @param {number} chatId
   * @param {number | null} [messageId]
   */
  select(chatId, messageId = null) {
    if (this.selected.value === chatId && this.anchor.value === messageId) return;
    // From one chat to another on a wide screen, the way back is not through every chat that was open.
    const replace = !this.screen.isPhone.value && this.selected.value !== null && messageId === null;
    this.router.go({ name: "chat", chatId, messageId }, { replace });
  }

  /** Close the open chat. */
  deselect() {
    if (this.screen.isPhone.value) this.router.back();
    else this.router.go({ name: "list" });
  }

  /**
   * Wait for something that the person asked for, and show why it failed.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T | undefined>} undefined if it failed
   */
  async attempt(promise) {
    try {
      return await promise;
    } catch (error) {
      this.showError(error);
      return undefined;
    }
  }

  /**
   * Wait for a part of the page that is loaded when it is needed, and show why it could not be.
   *
   * @template T
   * @param {Promise<T>} part
   * @returns {Promise<T | undefined>} undefined if it failed
   */
  async loadPart(part) {
    try {
      return await part;
    } catch (error) {
      await explainFailedLoad(error, (text) => this.screen.showToast(text, { tone: "error" }));
      return undefined;
    }
  }

  /** @param {unknown} error  what a method of the client rejected with; others are faults, and reported as such */
  showError(error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof RefusedError) this.screen.showToast(error.message, { tone: "error" });
    else if (error instanceof UnansweredError) this.screen.showToast(t("shell.unanswered"), { tone: "error" });
    else reportError(error);
  }

  /** @param {import("../sdk/index.js").Change} change */
  #apply({ chatId, kinds, userIds }) {
    if (kinds.has("reset")) return this.#readAll();
    if (chatId !== null) {
      const chat = this.#chats.get(chatId);
      if (chat) chat.value = this.client.state.chat(chatId);
      for (const kind of REVISED) {
        if (kinds.has(kind)) this.#raise(`${chatId} ${kind}`);
      }
      if (kinds.has("removed") && this.selected.value === chatId) this.router.go({ name: "list" }, { replace: true });
    }
    if (kinds.has("people")) {
      for (const userId of userIds) {
        const presence = this.#presences.get(userId);
        if (presence) presence.value = this.client.state.presence(userId);
      }
    }
    if (kinds.has("list") || kinds.has("removed")) this.#readLists();
    if (kinds.has("unread")) this.unreadTotal.value = this.client.state.unreadTotal ?? 0;
  }

  #readLists() {
    const { state } = this.client;
    for (const name of /** @type {const} */ (["active", "archived", "snoozed"])) this.lists[name].value = state.list(name);
  }

  #readAll() {
    const { state } = this.client;
    this.isLoaded.value = state.isLoaded;
    this.unreadTotal.value = state.unreadTotal ?? 0;
    this.#readLists();
    for (const [chatId, chat] of this.#chats) chat.value = state.chat(chatId);
    for (const [userId, presence] of this.#presences) presence.value = state.presence(userId);
    for (const key of this.#revisions.keys()) this.#raise(key);
  }

  /** @param {string} key */
  #raise(key) {
    const revision = this.#revisions.get(key);
    if (revision) revision.value = revision.peek() + 1;
  }

  [Symbol.dispose]() {
    this.#listening.abort();
  }
}

/**
 * @template K, V
 * @param {Map<K, import("../ui/view.js").Signal<V>>} signals
 * @param {K} key
 * @param {() => V} read
 * @returns {import("../ui/view.js").Signal<V>}
 */
function entry(signals, key, read) {
  let found = signals.get(key);
  if (!found) {
    found = signal(read());
    signals.set(key, found);
  }
  return found;
}

/**
 * @param {ConnectionInfo} info
 * @returns {Connection}
 */
function copyConnection({ state, reason, attempts, retryAt, lostAt, isLeader }) {
  return { state, reason, attempts, retryAt, lostAt, isLeader };
}

export const StoreContext = createContext(/** @type {Store | null} */ (null));

/** The store of the page. */
export function useStore() {
  const store = useContext(StoreContext);
  if (!store) throw new Error("no store above this component");
  return store;
}
