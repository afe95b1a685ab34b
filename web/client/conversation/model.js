/** What a person does in one conversation: what is shown of it, what is answered or edited, and the way to a message. */

import { signal } from "../../ui/view.js";
import { rowKey } from "./rows.js";

/**
 * @typedef {import("../../sdk/types.js").Message} Message
 * @typedef {import("../../ui/message-list.js").MessageList<import("./rows.js").Row>} List
 */

/** @typedef {{ kind: "new" } | { kind: "reply", message: Message } | { kind: "edit", message: Message }} Mode */

/** @type {Mode} */
const NEW = { kind: "new" };

export class Conversation {
  #ended = new AbortController();

  /** What the composer writes. */
  mode = signal(NEW);
  /** What a search in this conversation looks for; marked in messages. */
  terms = signal(/** @type {readonly string[]} */ ([]));
  isSearching = signal(false);
  /** The message that the loaded stretch is around; null for the newest messages. */
  aroundId = signal(/** @type {number | null} */ (null));
  /** `seq` of the first message that was unread when the conversation was opened. */
  unreadFrom = signal(/** @type {number | null} */ (null));
  /** Whether messages are known; `failed` if they could not be read. */
  phase = signal(/** @type {"loading" | "open" | "failed"} */ ("loading"));
  /** Files that were dropped on the conversation, for the composer to take. */
  dropped = signal(/** @type {readonly File[]} */ ([]));

  /** @type {List | null} */
  #list = null;
  /** The message to show as soon as there is a list. */
  #wanted = 0;
  /** Whether something else stood in the composer's place since the conversation was opened. */
  wasClosed = false;
  /** Puts the focus into the composer. */
  focusComposer = () => {};

  /**
   * @param {import("../store.js").Store} store
   * @param {number} chatId
   */
  constructor(store, chatId) {
    this.store = store;
    this.client = store.client;
    this.chatId = chatId;
  }

  /**
   * Read the newest messages, or those around one.
   *
   * @param {number | null} messageId
   */
  async open(messageId) {
    this.phase.value = "loading";
    try {
      await this.client.openChat(this.chatId, { signal: this.#ended.signal });
      this.#markUnread();
      this.phase.value = "open";
      if (messageId) await this.jump(messageId);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.phase.value = "failed";
      this.store.showError(error);
    }
  }

  #markUnread() {
    const { state } = this.client;
    const isUnread = state.unread(this.chatId) > 0;
    this.unreadFrom.value = isUnread ? state.readUpTo(this.chatId, this.store.me) + 1 : null;
  }

  /**
   * Show a message, and mark it for a moment. It is loaded if it is not known.
   *
   * @param {number} messageId
   */
  async jump(messageId) {
    const { state } = this.client;
    const isShown = () => this.window.messages.some(({ id }) => id === messageId);
    if (!isShown()) {
      this.aroundId.value = messageId;
      if (!isShown()) {
        const done = this.client.loadAround(this.chatId, messageId, { signal: this.#ended.signal }).then(() => true);
        if (!await this.store.attempt(done)) {
          this.aroundId.value = null;
          return;
        }
        // The same id, another stretch: what shows the window reads it again.
        this.aroundId.value = null;
        this.aroundId.value = messageId;
      }
    }
    const message = state.message(this.chatId, messageId);
    if (!message) return;
    if (this.#list) this.#list.scrollTo(rowKey(message, this.store.me), { flash: true, focus: true });
    else this.#wanted = messageId;
  }

  /** @param {List | null} list  that shows the messages now */
  setList(list) {
    this.#list = list;
    const message = list && this.#wanted ? this.client.state.message(this.chatId, this.#wanted) : undefined;
    if (!message) return;
    this.#wanted = 0;
    list?.scrollTo(rowKey(message, this.store.me), { flash: true });
  }

  /** The stretch of messages that is shown. */
  get window() {
    return this.client.state.window(this.chatId, this.aroundId.value ?? undefined);
  }

  loadOlder = () => this.store.attempt(this.client.loadOlder(this.chatId, this.aroundId.peek() ?? undefined, { signal: this.#ended.signal }));
  loadNewer = () => this.store.attempt(this.client.loadNewer(this.chatId, this.aroundId.peek() ?? undefined, { signal: this.#ended.signal }));
  loadNewest = () => {
    this.aroundId.value = null;
  };

  /** @param {number} userId */
  nameOf(userId) {
    const { state } = this.client;
    const chat = state.chat(this.chatId);
    if (chat?.other_user?.id === userId) return chat.other_user.name;
    return state.person(userId)?.name ?? "";
  }

  /** @param {Message} message */
  reply(message) {
    this.mode.value = { kind: "reply", message };
    this.focusComposer();
  }

  /** @param {Message} message */
  edit(message) {
    this.mode.value = { kind: "edit", message };
    this.focusComposer();
  }

  /** Edit the last message of mine that has a text; false if there is none. */
  editLast() {
    const { me } = this.store;
    const last = this.client.state.messages(this.chatId).findLast((message) => message.sender_id === me && canEdit(message));
    if (last) this.edit(last);
    return Boolean(last);
  }

  /** Write a new message again. */
  writeNew() {
    this.mode.value = NEW;
  }

  /** What follows a send: the end of the conversation, without the line above unread messages. */
  afterSend() {
    this.writeNew();
    this.unreadFrom.value = null;
    void this.#list?.scrollToEnd();
  }

  [Symbol.dispose]() {
    this.#ended.abort();
  }
}

/** @param {Message} message */
export function canEdit({ is_deleted, message_type, content, forwarded_from }) {
  return !is_deleted && message_type !== "system" && message_type !== "location" && content !== "" && !forwarded_from;
}
