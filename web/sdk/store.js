/**
 * What a device knows: plain data, updated by frames and pages. No I/O.
 *
 * The same frames give the same state in any order and with duplicates, because everything has a number that only grows: a
 * message its id and version, a receipt its `seq`, a chat its version. A live frame that skips a version reveals a gap:
 * `needsResume` becomes true, and a catch-up closes it.
 */

/** @import { ChatSummary, Frame, Message } from "./types.js" */
/** @import { Shared } from "./chat.js" */
/** @import { Planned } from "./planned.js" */
import { Chat } from "./chat.js";
import { entriesOf } from "./reactions.js";

/** Chats and messages of one person on one device. */
export class Store {
    /** Everything before it is known. Only catch-ups move it: live frames do not show what is missing. @type {string | null} */
    cursor = null;
    /** @type {Map<number, Chat>} */
    chats = new Map();
    /** Deleted chats; later frames about them are dropped. @type {Set<number>} */
    deleted = new Set();
    /** The version at which I last left a group; frames up to it are dropped. I may join it again. @type {Map<number, number>} */
    left = new Map();
    /** @type {Set<number>} */
    #behind = new Set();
    /** @type {Map<number, number>} */
    #reported = new Map();
    #hasMore = false;
    #shared;
    #planned;

    /** @param {Shared} shared @param {Planned} [planned] unconfirmed changes, which are laid over what is shown */
    constructor(shared, planned) {
        this.#shared = shared;
        this.#planned = planned;
    }

    get me() {
        return this.#shared.me;
    }

    /** Whether a live frame revealed a gap. */
    get needsResume() {
        return this.#behind.size > 0;
    }

    /**
     * Apply a server frame; returns whether it is news. Frames that are not stored count as news.
     * @param {Frame} frame
     * @param {boolean} [isLive] whether it was pushed; false for responses, which may arrive out of order
     */
    apply(frame, isLive = true) {
        const { type } = frame;
        const chatId = type === "message_ack" ? frame.message.chat_id : frame.chat_id;
        if (chatId == null) return true;
        if (this.deleted.has(chatId)) return false;
        if (type === "chat_deleted") return this.#forget(chatId);
        if (type === "chat_left") return this.#leave(chatId, frame.version);
        if (type === "chat_joined") return this.#join(chatId, frame);
        if (versionOf(frame) <= (this.left.get(chatId) ?? -1)) return false;
        const chat = this.chat(chatId);
        const isNew = this.#take(chat, frame);
        // A response may overtake pushes of older changes, so it does not reveal a gap.
        if (isLive && type !== "message_ack" && Number.isInteger(frame.version)) {
            chat.versions.highestLive = Math.max(chat.versions.highestLive, frame.version);
        }
        this.#updateBehind(chat);
        return isNew;
    }

    /** Apply a message of a REST response; returns whether it is news. @param {Message} message */
    applyMessage(message) {
        return this.apply({ type: "new_message", chat_id: message.chat_id, message }, false);
    }

    /**
     * Apply entries of the chat list.
     * @param {ChatSummary[]} summaries
     * @param {boolean} [isBaseline] whether changes of unknown chats up to now count as history instead of a gap. Only if
     *     the list was read after the cursor was taken.
     */
    applyChats(summaries, isBaseline = false) {
        for (const summary of summaries) {
            if (this.deleted.has(summary.id) || summary.version <= (this.left.get(summary.id) ?? -1)) continue;
            const { buyer_id: buyer, seller_id: seller, other_user: other } = summary;
            // Only the greeting of a socket contains my id.
            if (this.me === null && other && buyer && seller) this.#shared.setMe(buyer + seller - other.id);
            const isUnknown = !this.chats.has(summary.id);
            const chat = this.chat(summary.id);
            chat.applySummary(summary);
            if (isBaseline && isUnknown) chat.versions.completeUpTo(summary.version);
        }
    }

    /**
     * A catch-up starts: it covers every version seen so far, since those are committed. A resumed catch-up covers only
     * what was seen before its own start.
     */
    beginCatchUp() {
        if (this.#hasMore) return;
        this.#reported = new Map([...this.#behind].map((id) => [id, this.chat(id).versions.highestLive]));
    }

    /**
     * Apply a page of `since` that is not a `full_sync`; returns the news in it, as live frames.
     * @param {Frame} page
     * @param {string} requestCursor if it is not the current cursor, the page does not move it
     */
    applyPage(page, requestCursor) {
        // Groups that I left come first: I may have joined them again since.
        /** @param {Frame} change */
        const isLeft = (change) => change.type === "chat_left";
        const changes = /** @type {Frame[]} */ (page.changes);
        const messages = /** @type {Message[]} */ (page.messages);
        const frames = [
            ...changes.filter(isLeft),
            ...messages.map((message) => (
                { type: "new_message", chat_id: message.chat_id, message, version: message.version }
            )),
            ...changes.filter((change) => !isLeft(change)),
        ];
        const news = frames.filter((frame) => this.apply(frame, false));
        this.applyChats(page.chats);
        if (requestCursor === this.cursor) this.#advance(page, frames);
        return news;
    }

    /** Forget everything, for example after the server was restored from a backup. */
    reset() {
        this.cursor = null;
        this.chats.clear();
        this.deleted.clear();
        this.left.clear();
        this.#behind.clear();
        this.#reported.clear();
        this.#hasMore = false;
        this.#shared.note(null, "reset");
    }

    /** A chat, made if it is unknown. @param {number} chatId */
    chat(chatId) {
        let chat = this.chats.get(chatId);
        if (!chat) {
            chat = new Chat(chatId, this.#shared, this.#planned);
            this.chats.set(chatId, chat);
            this.#shared.note(null, "list");
        }
        return chat;
    }

    /** @param {Chat} chat @param {Frame} frame */
    #take(chat, frame) {
        const { type, message, message_id: id, version } = frame;
        switch (type) {
            case "new_message":
            case "message_edited":
            case "attachments_updated":
            case "message_updated":
            case "message_ack": {
                if (message.sender_id === this.me) chat.sentSeq = Math.max(chat.sentSeq, message.seq);
                const isNew = chat.put(message);
                if (isNew && message.system) chat.applySystem(message);
                // The message may have a larger version than this frame, if it changed since.
                chat.versions.mark(version ?? 0);
                return isNew;
            }
            case "message_deleted":
                return chat.erase(id, version, frame.deleted_at);
            case "reaction_added":
            case "reaction_removed":
            case "reactions_updated": {
                chat.versions.markRange(frame.from_version ?? version, version);
                const entries = entriesOf(frame).filter((entry) => !chat.hidden.has(entry.message_id));
                const news = entries.filter((entry) => chat.reactions.apply(entry, this.me));
                entries.forEach((entry) => chat.touch(entry.message_id));
                return news.length > 0;
            }
            case "message_pinned":
            case "message_unpinned":
                return chat.pin(id, version, type === "message_pinned");
            case "message_starred":
            case "message_unstarred":
                return chat.star(id, frame.changed_at, type === "message_starred");
            case "message_hidden":
                return chat.hide(id, frame.seq);
            case "chat_advanced":
                chat.versions.markRange(frame.from_version, version);
                return false;
            case "message_read":
                return chat.read(frame.read_by, frame.up_to_seq);
            case "chat_settings_updated":
                chat.note("summary");
                return chat.own.put(frame.settings, frame.settings_version, frame.seq);
            case "draft_updated":
                chat.note("summary");
                return chat.own.putDraft(frame.content, frame.settings_version, frame.seq);
            default:
                return true;
        }
    }

    /** @param {number} chatId */
    #forget(chatId) {
        this.deleted.add(chatId);
        this.#drop(chatId);
        return true;
    }

    /** @param {number} chatId */
    #drop(chatId) {
        this.chats.delete(chatId);
        this.#behind.delete(chatId);
        this.#reported.delete(chatId);
        this.#shared.note(chatId, "removed");
        this.#shared.note(null, "list");
    }

    /** @param {number} chatId @param {number} version */
    #leave(chatId, version) {
        if (version <= (this.left.get(chatId) ?? 0)) return false;
        this.left.set(chatId, version);
        const chat = this.chats.get(chatId);
        if (chat && chat.newestVersion > version) {
            chat.forgetUpTo(version); // what I know of it is from after I joined again
            this.#updateBehind(chat);
        } else if (chat) {
            this.#drop(chatId);
        }
        return true;
    }

    /** @param {number} chatId @param {Frame} frame */
    #join(chatId, frame) {
        if (frame.version < (this.left.get(chatId) ?? 0)) return false;
        const isNew = !this.chats.has(chatId);
        const chat = this.chat(chatId);
        chat.applySummary(frame.chat);
        chat.versions.completeUpTo(frame.version);
        this.#updateBehind(chat);
        return isNew;
    }

    /** @param {Chat} chat */
    #updateBehind(chat) {
        if (chat.versions.isBehind) this.#behind.add(chat.id);
        else this.#behind.delete(chat.id);
    }

    /** Advance the catch-up by a page. @param {Frame} page @param {Frame[]} frames */
    #advance(page, frames) {
        for (const { type, chat_id: chatId, version } of frames) {
            if (type === "message_read" || type === "chat_left" || version === undefined) continue;
            this.#reported.set(chatId, Math.max(this.#reported.get(chatId) ?? 0, version));
        }
        this.cursor = page.cursor;
        this.#hasMore = page.has_more;
        if (this.#hasMore) return;
        for (const [chatId, version] of this.#reported) {
            const chat = this.chats.get(chatId);
            if (!chat) continue;
            chat.versions.completeUpTo(version);
            this.#updateBehind(chat);
        }
        this.#reported.clear();
    }
}

/** The version of a chat that a frame is about; of the message, where the frame itself has none. @param {Frame} frame */
function versionOf({ version, message }) {
    return version ?? message?.version ?? Infinity; // of my own settings and marks: the server sends them to members only
}
