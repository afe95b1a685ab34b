/** What the device knows, as it is to be shown. To be read only; what a getter returns is the same object until it changes. */

/** @import { ChangeKind, ChatSummary, LastMessage, Message, MessageState, MessageWindow, OtherPerson, PendingMessage, ShownChat } from "./types.js" */
/** @import { Chat } from "./chat.js" */
/** @import { Marks } from "./marks.js" */
/** @import { People } from "./people.js" */
/** @import { Pending } from "./pending.js" */
/** @import { Store } from "./store.js" */
import { DELETED } from "./message.js";

/** @typedef {"active" | "archived" | "snoozed"} ListName */

/** @type {MessageWindow} */
const NOTHING = Object.freeze({ messages: [], hasOlder: true, hasNewer: true });

export class ChatState {
    /** Whether the chat list was read. */
    isLoaded = false;
    /** Unread messages in all chats, as the server counts them; null until known. @type {number | null} */
    unreadTotal = null;
    #store;
    #people;
    #pending;
    /** @type {Map<number, ShownChat>} */
    #rows = new Map();
    /** By chat, the bounds of the last window and the window. @type {Map<number, [number, number, MessageWindow]>} */
    #windows = new Map();
    /** @type {Map<number | null, readonly PendingMessage[]>} */
    #pendingOf = new Map();
    /** @type {Partial<Record<ListName, readonly number[]>>} */
    #lists = {};
    #areListsOld = true;
    /** Of pinned chats: those that were pinned later are higher. @type {Map<number, number>} */
    #ranks = new Map();
    #highestRank = 0;

    /** @param {Store} store @param {People} people @param {Pending} pending */
    constructor(store, people, pending) {
        this.#store = store;
        this.#people = people;
        this.#pending = pending;
    }

    /** My id; null until known. */
    get me() {
        return this.#store.me;
    }

    /** Ids of chats in the order of the list. `active`: neither archived nor snoozed. @param {ListName} [which] */
    list(which = "active") {
        this.settle();
        return this.#lists[which] ?? [];
    }

    /** A chat as it is shown; undefined while its entry of the list is not known. @param {number} chatId */
    chat(chatId) {
        let row = this.#rows.get(chatId);
        const chat = this.#store.chats.get(chatId);
        if (!row && chat?.summary) {
            row = this.#row(chat, chat.summary);
            this.#rows.set(chatId, row);
        }
        return row;
    }

    /**
     * A stretch of a chat without holes: around a message, or the newest. Empty until it was read.
     * @param {number} chatId
     * @param {number} [aroundId]
     * @returns {MessageWindow}
     */
    window(chatId, aroundId) {
        const chat = this.#store.chats.get(chatId);
        const seq = aroundId === undefined ? Infinity : chat?.known.get(aroundId)?.seq;
        const stretch = seq === undefined ? undefined : chat?.stretches.around(seq);
        if (!chat || !stretch) return NOTHING;
        const [from, to] = stretch;
        const last = this.#windows.get(chatId);
        if (last && last[0] === from && last[1] === to) return last[2];
        const within = chat.ordered().filter((message) => message.seq >= from && message.seq <= to);
        const messages = within.map((message) => chat.shown(message));
        const window = { messages, hasOlder: from > 0, hasNewer: to !== Infinity };
        this.#windows.set(chatId, [from, to, window]);
        return window;
    }

    /** All known messages of a chat, oldest first; there may be holes. @param {number} chatId @returns {Message[]} */
    messages(chatId) {
        const chat = this.#store.chats.get(chatId);
        return chat ? chat.ordered().map((message) => chat.shown(message)) : [];
    }

    /** @param {number} chatId @param {number} messageId */
    message(chatId, messageId) {
        const chat = this.#store.chats.get(chatId);
        const message = chat?.known.get(messageId);
        return message && chat?.shown(message);
    }

    /**
     * How far a message of mine has come. `sending`: an edit is not confirmed; `delivered`: the other user has been online since.
     * @param {Message} message
     * @returns {MessageState}
     */
    messageState({ chat_id, seq, sender_id, receiver_id, created_at, is_saving }) {
        if (is_saving) return "sending";
        const readUpTo = this.#store.chats.get(chat_id)?.readUpTo ?? new Map();
        for (const [userId, upTo] of readUpTo) {
            if (upTo >= seq && userId !== sender_id && (receiver_id === null || userId === receiver_id)) return "read";
        }
        if (receiver_id === null) return "sent";
        const { isOnline, lastSeen } = this.#people.presence(receiver_id);
        return isOnline || (lastSeen !== null && lastSeen > created_at) ? "delivered" : "sent";
    }

    /** My unanswered and refused messages of a chat, in the order of sending. @param {number} chatId */
    pending(chatId) {
        let found = this.#pendingOf.get(chatId);
        if (!found) {
            found = this.#pending.all().filter((entry) => entry.chat_id === chatId);
            this.#pendingOf.set(chatId, found);
        }
        return found;
    }

    /**
     * Those to a user or about an item, of a chat that does not exist yet.
     * @param {{ receiverId?: number, listingId?: number, storefrontProductId?: number }} target
     */
    pendingTo({ receiverId, listingId, storefrontProductId }) {
        return this.#pending.all().filter((entry) => (
            entry.chat_id === null
            && entry.receiver_id === (receiverId ?? null)
            && entry.listing_id === (listingId ?? null)
            && entry.storefront_product_id === (storefrontProductId ?? null)
        ));
    }

    /** @param {number} chatId */
    unread(chatId) {
        return this.#store.chats.get(chatId)?.unread() ?? 0;
    }

    /** The `seq` up to which a user has read. @param {number} chatId @param {number} userId */
    readUpTo(chatId, userId) {
        return this.#store.chats.get(chatId)?.readUpTo.get(userId) ?? 0;
    }

    /** Ids of the pinned messages, the last pinned first. @param {number} chatId */
    pinned(chatId) {
        return this.#marked(chatId, (chat) => chat.pins).sort((a, b) => b[1] - a[1]).map(([id]) => id);
    }

    /** Ids of the messages that I starred, the newest first. @param {number} chatId */
    starred(chatId) {
        return this.#marked(chatId, (chat) => chat.stars).map(([id]) => id).sort((a, b) => b - a);
    }

    /** @param {number} chatId @param {number} messageId */
    isStarred(chatId, messageId) {
        return this.#store.chats.get(chatId)?.stars.has(messageId) ?? false;
    }

    /** Ids of the users who are typing in a chat. @param {number} chatId */
    typing(chatId) {
        return this.#people.typing(chatId);
    }

    /** @param {number} userId */
    presence(userId) {
        return this.#people.presence(userId);
    }

    /** A user, as far as known from chats and messages. @param {number} userId */
    person(userId) {
        return this.#people.person(userId);
    }

    /** Forget what was made to be shown of a chat. @param {number | null} chatId @param {ChangeKind} kind */
    invalidate(chatId, kind) {
        if (kind === "messages" || kind === "removed") this.#windows.delete(chatId ?? 0);
        if (kind === "pending") this.#pendingOf.delete(chatId);
        if (kind === "reset") {
            this.#rows.clear();
            this.#windows.clear();
            this.#ranks.clear();
        }
        this.#rows.delete(chatId ?? 0);
        this.#areListsOld ||= kind === "list" || kind === "summary" || kind === "reset";
    }

    /** Learn the order of pinned chats from a list, which has the last pinned one first. @param {ChatSummary[]} summaries */
    rank(summaries) {
        for (const { id, is_pinned } of summaries.toReversed()) if (is_pinned) this.#rank(id);
    }

    /** Bring the lists up to date; returns whether one of them has changed. */
    settle() {
        if (!this.#areListsOld) return false;
        this.#areListsOld = false;
        /** @type {Record<ListName, number[]>} */
        const lists = { active: [], archived: [], snoozed: [] };
        for (const chatId of this.#store.chats.keys()) {
            const row = this.chat(chatId);
            if (!row) continue;
            if (!row.is_pinned) this.#ranks.delete(chatId);
            lists[row.is_archived ? "archived" : row.snoozed_until ? "snoozed" : "active"].push(chatId);
        }
        let hasChanged = false;
        for (const [name, ids] of /** @type {[ListName, number[]][]} */ (Object.entries(lists))) {
            ids.sort((a, b) => this.#rank(b) - this.#rank(a) || compareTimes(this.chat(b), this.chat(a)) || b - a);
            if (ids.join() === this.#lists[name]?.join()) continue;
            this.#lists[name] = ids;
            hasChanged = true;
        }
        return hasChanged;
    }

    /** The marked messages that are shown. @template {number | string} Order @param {number} chatId @param {(chat: Chat) => Marks<Order>} marksOf */
    #marked(chatId, marksOf) {
        const chat = this.#store.chats.get(chatId);
        return chat ? marksOf(chat).entries().filter(([id]) => !chat.hidden.has(id) && !chat.isErased(id)) : [];
    }

    /** 0 of a chat that is not pinned. @param {number} chatId */
    #rank(chatId) {
        if (!this.chat(chatId)?.is_pinned) return 0;
        if (!this.#ranks.has(chatId)) this.#ranks.set(chatId, ++this.#highestRank);
        return this.#ranks.get(chatId) ?? 0;
    }

    /** @param {Chat} chat @param {ChatSummary} summary @returns {ShownChat} */
    #row(chat, summary) {
        const { draft, other_user: other, ...listed } = summary;
        const last = this.#lastMessage(chat, summary);
        const time = last && last.created_at > summary.last_message_at ? last.created_at : summary.last_message_at;
        return {
            ...listed,
            draft: "",
            ...chat.own.current(chat.lastSeq, chat.sentSeq),
            ...(other && { other_user: this.#withPresence(other) }),
            last_message: last,
            last_message_at: time,
            unread_count: chat.unread(),
            typing: this.#people.typing(chat.id),
            pending_count: this.pending(chat.id).length,
        };
    }

    /** @param {Chat} chat @param {ChatSummary} summary @returns {LastMessage | null} */
    #lastMessage(chat, { last_message: listed }) {
        const newest = chat.ordered().at(-1);
        if (newest && (!listed || newest.id >= listed.id || chat.hidden.has(listed.id))) return chat.shown(newest);
        if (!listed || chat.hidden.has(listed.id)) return null;
        return chat.isErased(listed.id) ? { ...listed, content: DELETED, is_deleted: true } : listed;
    }

    /** @param {OtherPerson} other @returns {OtherPerson} */
    #withPresence(other) {
        const { isOnline, lastSeen } = this.#people.presence(other.id);
        return { ...other, ...this.#people.person(other.id), is_online: isOnline, last_seen: lastSeen };
    }
}

/** @param {ShownChat} [a] @param {ShownChat} [b] */
function compareTimes(a, b) {
    const [first, second] = [a?.last_message_at ?? "", b?.last_message_at ?? ""];
    return first < second ? -1 : first > second ? 1 : 0;
}
