/** The rows of a conversation: messages in groups, days, the line above unread messages. */

/**
 * @typedef {import("../../sdk/types.js").Message} Message
 * @typedef {import("../../sdk/types.js").PendingMessage} PendingMessage
 */

/** @typedef {{ kind: "day", key: string, at: string }} DayRow */
/** @typedef {{ kind: "unread", key: string }} UnreadRow */
/** @typedef {{ kind: "system", key: string, message: Message }} SystemRow */
/**
 * @typedef {object} MessageRow
 * @property {"message"} kind
 * @property {string} key
 * @property {Message} message
 * @property {PendingMessage | null} pending  what the server has not answered yet
 * @property {boolean} own
 * @property {boolean} first  of its group
 * @property {boolean} last
 * @property {import("./stamp.js").Tick} tick
 * @property {boolean} isStarred
 * @property {boolean} isPinned
 */
/** @typedef {DayRow | UnreadRow | SystemRow | MessageRow} Row */

/** Messages of one person form a group while less than this passes between them, in milliseconds. */
const GROUP_GAP = 5 * 60_000;

/**
 * The key of a message's row. One's own keep the key they had before the server answered, so that the row stays in place.
 *
 * @param {Message} message
 * @param {number | null} me
 */
export function rowKey(message, me) {
  return message.sender_id === me && message.client_message_id ? `k${message.client_message_id}` : `m${message.id}`;
}

/** When the day of a moment begins here, in ms since 1970. @param {string} at */
function dayOf(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

/**
 * What rows depend on beside the messages.
 *
 * @typedef {object} RowView
 * @property {number | null} me
 * @property {number | null} unreadFrom  `seq` of the first unread message; null without a line above it
 * @property {(message: Message) => import("../../sdk/types.js").MessageState} stateOf
 * @property {(messageId: number) => boolean} isStarred
 * @property {readonly number[]} pinned
 */

/**
 * Rows of messages. A row that is as before is the same object as before, and is not rendered again.
 *
 * @param {readonly Message[]} messages  oldest first
 * @param {readonly { pending: PendingMessage, message: Message }[]} unanswered  in the order of sending
 * @param {RowView} view
 * @param {readonly Row[]} [before]
 * @returns {Row[]}
 */
export function makeRows(messages, unanswered, view, before = []) {
  const rows = listRows(messages, unanswered, view);
  const known = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const old = known.get(row.key);
    return old && isSameRow(old, row) ? old : row;
  });
}

/** @param {Row} one @param {Row} other */
function isSameRow(one, other) {
  const fields = Object.keys(other);
  return fields.every((field) => Reflect.get(one, field) === Reflect.get(other, field));
}

/**
 * @param {readonly Message[]} messages
 * @param {readonly { pending: PendingMessage, message: Message }[]} unanswered
 * @param {RowView} view
 */
function listRows(messages, unanswered, { me, unreadFrom, stateOf, isStarred, pinned }) {
  /** @type {Row[]} */
  const rows = [];
  let day = -Infinity;
  /** @type {MessageRow | null} */
  let previous = null;
  let isUnreadShown = unreadFrom === null;

  /** @param {Message} message @param {PendingMessage | null} pending */
  function add(message, pending) {
    const today = dayOf(message.created_at);
    // A pending message has the time of this device, which may be behind: its day never comes back.
    if (today > day) {
      day = today;
      previous = null;
      rows.push({ kind: "day", key: `d${today}`, at: message.created_at });
    }
    if (!isUnreadShown && unreadFrom !== null && message.seq >= unreadFrom && message.sender_id !== me) {
      isUnreadShown = true;
      previous = null;
      rows.push({ kind: "unread", key: "unread" });
    }
    if (message.message_type === "system") {
      previous = null;
      rows.push({ kind: "system", key: `m${message.id}`, message });
      return;
    }
    const joins = previous !== null && isSameGroup(previous.message, message);
    if (joins && previous) previous.last = false;
    const own = pending !== null || message.sender_id === me;
    previous = {
      kind: "message", key: pending ? `k${pending.key}` : rowKey(message, me), message, pending, own, first: !joins, last: true,
      tick: pending ? pending.state : own && !message.is_deleted ? stateOf(message) : null,
      isStarred: !pending && isStarred(message.id), isPinned: !pending && pinned.includes(message.id),
    };
    rows.push(previous);
  }

  for (const message of messages) add(message, null);
  for (const { pending, message } of unanswered) add(message, pending);
  return rows;
}

/** @param {Message} earlier @param {Message} later */
function isSameGroup(earlier, later) {
  return earlier.sender_id === later.sender_id
    && Date.parse(later.created_at) - Date.parse(earlier.created_at) < GROUP_GAP;
}

/** @type {WeakMap<PendingMessage, Message>} */
const shownPending = new WeakMap();

/**
 * A message of mine as it is shown before the server has answered. The same object as long as the entry is the same.
 *
 * @param {PendingMessage} pending
 * @param {number} chatId
 * @param {number} me
 * @param {Message | undefined} repliedTo
 * @returns {Message}
 */
export function showPending(pending, chatId, me, repliedTo) {
  const known = shownPending.get(pending);
  if (known) return known;
  const sender = { id: me, name: "", email: "", picture_url: "" };
  const shown = /** @type {Message} */ ({
    id: 0, chat_id: chatId, seq: 0, version: 0, sender_id: me, receiver_id: pending.receiver_id,
    message_type: pending.message_type, content: pending.content, location_data: pending.location_data,
    client_message_id: pending.key, is_read: false, is_edited: false, is_deleted: false,
    has_attachments: pending.attachments.length > 0, attachments_count: pending.attachments.length,
    attachments: [...pending.attachments], reactions: [],
    reply_to: repliedTo ? quoteOf(repliedTo) : null,
    mentions: [...pending.mentions], forwarded_from: null, link_preview: null, system: null, original_language: null,
    created_at: pending.created_at, updated_at: pending.created_at, edited_at: null, sender, receiver: null,
  });
  shownPending.set(pending, shown);
  return shown;
}

/**
 * @param {Message} message
 * @returns {import("../../sdk/types.js").Quote}
 */
export function quoteOf(message) {
  const { id, sender_id, content, message_type, is_deleted } = message;
  return { id, sender_id, content: content.slice(0, 500), message_type, is_deleted };
}
