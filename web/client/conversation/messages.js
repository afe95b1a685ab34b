/** The messages of a conversation, as rows of the list. */

import { MessageList } from "../../ui/message-list.js";
import { formatDay, formatFull } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { h, html, useCallback, useEffect, useMemo, useRef, useSignal, useState } from "../../ui/view.js";
import { Bubble } from "./bubble.js";
import { makeRows, rowKey, showPending } from "./rows.js";
import { describeSystemNote } from "./system-text.js";

/**
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./model.js").Conversation} Conversation
 */

/** How long the floating day stays after the last movement, in ms. */
const DAY_SHOWN = 1_200;

/**
 * The rows of the stretch that is shown. Read again when messages, stars, pins or presence change.
 *
 * @param {Conversation} conversation
 * @returns {readonly Row[]}
 */
function useRows(conversation) {
  const { store, client, chatId } = conversation;
  const { state } = client;
  const { me } = store;
  const chat = store.chat(chatId).value;
  const seen = [
    store.revision(chatId, "messages").value, store.revision(chatId, "pending").value, store.revision(chatId, "stars").value,
    store.revision(chatId, "pins").value, chat?.other_user ? store.presence(chat.other_user.id).value : null,
    conversation.aroundId.value, conversation.unreadFrom.value,
  ];
  const before = useRef(/** @type {readonly Row[]} */ ([]));
  return useMemo(() => {
    const window = conversation.window;
    const pending = window.hasNewer ? [] : state.pending(chatId);
    const unanswered = pending.map((entry) => ({
      pending: entry,
      message: showPending(entry, chatId, me, entry.reply_to_id ? state.message(chatId, entry.reply_to_id) : undefined),
    }));
    const rows = makeRows(window.messages, unanswered, {
      me, unreadFrom: conversation.unreadFrom.value, stateOf: (message) => state.messageState(message),
      isStarred: (messageId) => state.isStarred(chatId, messageId), pinned: state.pinned(chatId),
    }, before.current);
    before.current = rows;
    return rows;
  }, [conversation, me, ...seen]);
}

/** @param {Row} row */
function keyOf(row) {
  return row.key;
}

/** @param {Row} row */
function isCounted(row) {
  return row.kind === "message" && !row.own;
}

/** @param {Row} row */
function timeOf(row) {
  return row.kind === "day" ? row.at : row.kind === "unread" ? null : row.message.created_at;
}

/** The day of the topmost message, while the list moves. */
function useFloatingDay() {
  const [day, setDay] = useState(/** @type {{ at: string, isShown: boolean } | null} */ (null));
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = useCallback((/** @type {string} */ at) => {
    setDay({ at, isShown: true });
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setDay({ at, isShown: false }), DAY_SHOWN);
  }, []);
  return { day, show };
}

/** @param {{ names: readonly string[] }} props */
function TypingRow({ names }) {
  return html`
    <div class="message is-other is-first is-last is-typing" aria-hidden="true">
      <div class="bubble typing-bubble">${names.length > 0 && html`<span class="typing-name">${names[0]}</span>`}<span class="typing-dots"><i></i><i></i><i></i></span></div>
    </div>`;
}

/**
 * @param {{ conversation: Conversation, actions: import("./message-actions.js").MessageActions }} props
 */
export function Messages({ conversation, actions }) {
  const { store, client, chatId } = conversation;
  const rows = useRows(conversation);
  const { day, show } = useFloatingDay();
  const chat = store.chat(chatId).value;
  const isGroup = chat?.kind === "group";
  const terms = conversation.terms.value;
  const isActive = store.screen.isActive.value;
  const window = conversation.window;
  const visible = useRef(/** @type {string | number | undefined} */ (undefined));
  const byKey = useMemo(() => new Map(rows.map((row) => [row.key, row])), [rows]);
  const near = useSignal(0);
  const surroundings = useMemo(
    () => ({ client, actions, near, nameOf: (/** @type {number} */ userId) => conversation.nameOf(userId) }), [conversation, actions]);

  /** Rows are rendered again when this function changes: for another search, or another kind of chat. */
  const renderRow = useCallback((/** @type {Row} */ row) => {
    if (row.kind === "day") return html`<div class="day"><span class="day-pill">${formatDay(row.at)}</span></div>`;
    if (row.kind === "unread") return html`<div class="unread-line" data-testid="unread-line"><span>${t("conversation.new_messages")}</span></div>`;
    if (row.kind === "system" && row.message.system) {
      const { sender_id: senderId, sender, system } = row.message;
      const name = senderId === client.state.me ? t("message.you") : sender?.name || surroundings.nameOf(senderId);
      return html`<div class="system-row" title=${formatFull(row.message.created_at)}><span dir="auto">${describeSystemNote(system, name)}</span></div>`;
    }
    return row.kind === "message" ? h(Bubble, { row, surroundings, isGroup, terms }) : null;
  }, [surroundings, isGroup, terms]);

  const attributesOf = useCallback((/** @type {Row} */ row) => {
    if (row.kind !== "message" && row.kind !== "system") return {};
    const { seq, id } = row.message;
    return { "aria-setsize": Math.max(client.state.chat(chatId)?.seq ?? 0, seq) || -1, "aria-posinset": seq || null, id: id ? `message-${id}` : null };
  }, [client, chatId]);

  /** What was in sight at the end of the list is read, if the page is in front. */
  function markRead() {
    const row = visible.current === undefined ? undefined : byKey.get(String(visible.current));
    if (!row || !store.screen.isActive.peek() || row.kind === "day" || row.kind === "unread") return;
    if (row.message.id && row.message.seq > client.state.readUpTo(chatId, store.me)) void client.markRead(chatId, row.message.id);
  }

  useEffect(markRead, [rows, isActive]);

  /** @param {Event} event */
  function approach({ target }) {
    const row = target instanceof Element ? target.closest(".list-row") : null;
    const message = row?.querySelector("[data-message-id]");
    if (message instanceof HTMLElement) near.value = Number(message.dataset["messageId"]);
  }

  return html`
    <div class="messages" onPointerOver=${approach} onFocusIn=${approach}>
      ${day && html`<div class=${day.isShown && !(rows[0] && timeOf(rows[0]) === day.at) ? "floating-day is-shown" : "floating-day"} aria-hidden="true"><span class="day-pill">${formatDay(day.at)}</span></div>`}
      ${h(/** @type {typeof MessageList<Row>} */ (MessageList), {
        rows, keyOf, renderRow, attributesOf, isCounted,
        label: t("conversation.messages"), pillLabel: (unseen) => unseen ? t("conversation.to_new", { count: unseen }) : t("conversation.to_newest"),
        hasOlder: window.hasOlder, hasNewer: window.hasNewer,
        loadOlder: conversation.loadOlder, loadNewer: conversation.loadNewer, loadNewest: conversation.loadNewest,
        initial: conversation.unreadFrom.peek() === null ? undefined : { key: "unread", align: "start" },
        listRef: (list) => conversation.setList(list),
        onView: ({ first, last }) => {
          const top = first === undefined ? undefined : byKey.get(String(first));
          const at = top && timeOf(top);
          if (at) show(at);
          visible.current = last;
          markRead();
        },
        onRowKey: (row, event) => {
          if (event.key !== "Enter" || row.kind !== "message" || row.pending || row.message.is_deleted) return;
          actions.openMenu(row, event);
        },
        footer: html`
          <div class="messages-end">${chat?.typing.length ? h(TypingRow, { names: isGroup ? chat.typing.map((userId) => conversation.nameOf(userId)) : [] }) : null}</div>`,
      })}
    </div>`;
}
