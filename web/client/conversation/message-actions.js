/** What can be done with a message, and which of it with which message. */

import { signal } from "../../ui/view.js";
import { t } from "../../ui/texts.js";
import { canEdit } from "./model.js";
import { openConfirmation, openReport, openSeenBy } from "./message-dialogs.js";

/**
 * @typedef {import("../../sdk/types.js").Message} Message
 * @typedef {import("./rows.js").MessageRow} MessageRow
 */

/** @typedef {import("../../ui/menu.js").MenuAnchor} MenuAnchor */

/**
 * Where a menu opens: where it was asked for, or beside the button or message that has the focus.
 *
 * @param {MouseEvent | KeyboardEvent} event
 * @returns {MenuAnchor}
 */
function anchorOf(event) {
  const element = event.currentTarget instanceof HTMLElement ? event.currentTarget : null;
  if (event instanceof MouseEvent && (!element || event.type === "contextmenu" && (event.clientX || event.clientY))) {
    return { x: event.clientX, y: event.clientY };
  }
  const target = event.target instanceof HTMLElement ? event.target : element;
  const bubble = event.type === "click" ? null : target?.querySelector(".bubble");
  return bubble instanceof HTMLElement ? bubble : element ?? target ?? { x: 0, y: 0 };
}

export class MessageActions {
  /** The menu that is open. */
  menu = signal(/** @type {{ row: MessageRow, anchor: MenuAnchor } | null} */ (null));
  /** The message that emoji are chosen for. */
  picker = signal(/** @type {{ message: Message, anchor: MenuAnchor, isFull: boolean } | null} */ (null));

  /** @param {import("./model.js").Conversation} conversation */
  constructor(conversation) {
    this.conversation = conversation;
    this.store = conversation.store;
    this.client = conversation.client;
  }

  /** @param {number} messageId */
  jump = (messageId) => void this.conversation.jump(messageId);

  /** @param {Message} message */
  reply(message) {
    this.conversation.reply(message);
  }

  /** @param {Message} message @param {MouseEvent} event */
  replyByDoubleClick(message, event) {
    // On a word, a double click selects it.
    const isOnText = event.target instanceof Element && event.target.closest(".bubble");
    if (!isOnText) this.reply(message);
  }

  /** @param {Message} message @param {string} emoji @param {boolean} mine */
  toggleReaction(message, emoji, mine) {
    const { client } = this;
    void (mine ? client.unreact(message.chat_id, message.id, emoji) : client.react(message.chat_id, message.id, emoji));
  }

  /** @param {MessageRow} row @param {MouseEvent | KeyboardEvent} event */
  openMenu(row, event) {
    // Selected text has the menu of the browser, to copy it.
    if (event.type === "contextmenu" && !getSelection()?.isCollapsed) return;
    event.preventDefault();
    this.picker.value = null;
    this.menu.value = { row, anchor: anchorOf(event) };
  }

  /** @param {Message} message @param {MouseEvent} event @param {boolean} [isFull]  all emoji instead of the first choice */
  openReactions(message, event, isFull = false) {
    this.menu.value = null;
    this.picker.value = { message, anchor: anchorOf(event), isFull };
  }

  close = () => {
    this.menu.value = null;
    this.picker.value = null;
  };

  /** @param {Message} message @param {import("../../sdk/types.js").Attachment} attachment */
  async openGallery(message, attachment) {
    const loaded = await this.store.loadPart(import("../lazy/gallery.js"));
    loaded?.openGallery(this.store, message, attachment);
  }

  /** @param {string} key */
  retry(key) {
    this.client.retry(key);
  }

  /** @param {string} key */
  discard(key) {
    this.client.discard(key);
  }

  /** @param {Message} message */
  async copy(message) {
    try {
      await navigator.clipboard.writeText(message.content);
      this.store.screen.showToast(t("message.copied"));
    } catch (error) {
      // The browser or the person does not allow it; what fails otherwise is a fault.
      if (!(error instanceof DOMException)) throw error;
      this.store.screen.showToast(t("message.cannot_copy"), { tone: "error" });
    }
  }

  /** @param {Message} message */
  async forward(message) {
    const loaded = await this.store.loadPart(import("../lazy/forward.js"));
    loaded?.openForward(this.store, message);
  }

  /** @param {Message} message */
  deleteForAll(message) {
    openConfirmation(this.store, {
      title: t("message.delete_for_all_title"), text: t("message.delete_for_all_text"), confirm: t("message.delete_for_all"),
      run: () => void this.client.delete(message.chat_id, message.id),
    });
  }

  /** @param {Message} message */
  deleteForMe(message) {
    openConfirmation(this.store, {
      title: t("message.delete_for_me_title"), text: t("message.delete_for_me_text"), confirm: t("message.delete_for_me"),
      run: () => void this.client.hide(message.chat_id, message.id),
    });
  }

  /** Whether I may pin in this chat: in a chat of two both, in a group its owners and admins. */
  get canPin() {
    const chat = this.client.state.chat(this.conversation.chatId);
    return chat?.kind !== "group" || chat.role === "owner" || chat.role === "admin";
  }

  /**
   * @param {MessageRow} row
   * @returns {import("../../ui/menu.js").MenuEntry[]}
   */
  entries({ message, own, isPinned, isStarred }) {
    const { client, store } = this;
    const { id, chat_id: chatId } = message;
    /** @type {(import("../../ui/menu.js").MenuEntry | false)[]} */
    const all = [
      { icon: "reply", label: t("message.reply"), run: () => this.reply(message) },
      message.content !== "" && { icon: "copy", label: t("message.copy"), run: () => void this.copy(message) },
      { icon: "forward", label: t("message.forward"), run: () => void this.forward(message) },
      this.canPin && {
        icon: "pin", label: t(isPinned ? "message.unpin" : "message.pin"),
        run: () => void (isPinned ? client.unpin(chatId, id) : client.pin(chatId, id)),
      },
      {
        icon: "star", label: t(isStarred ? "message.unstar" : "message.star"),
        run: () => void (isStarred ? client.unstar(chatId, id) : client.star(chatId, id)),
      },
      own && canEdit(message) && { icon: "edit", label: t("message.edit"), run: () => this.conversation.edit(message) },
      own && { icon: "checks", label: t("message.seen_by"), run: () => openSeenBy(store, message) },
      "line",
      !own && { icon: "flag", label: t("message.report"), run: () => openReport(store, message) },
      { icon: "trash", label: t("message.delete_for_me"), isDangerous: true, run: () => this.deleteForMe(message) },
      own && { icon: "trash", label: t("message.delete_for_all"), isDangerous: true, run: () => this.deleteForAll(message) },
    ];
    return all.filter((entry) => entry !== false);
  }
}
