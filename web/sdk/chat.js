/** The state of one chat on a device. No I/O. Input may arrive twice, late and in any order. */

/** @import { ChangeKind, ChatSummary, Message, Quote } from "./types.js" */
/** @import { Planned } from "./planned.js" */
import { Marks } from "./marks.js";
import { DELETED, preview, stored } from "./message.js";
import { OwnSettings } from "./own-settings.js";
import { Reactions } from "./reactions.js";
import { Stretches } from "./stretches.js";
import { Versions } from "./versions.js";

/**
 * What all chats of a state share.
 * @typedef {object} Shared
 * @property {number | null} me
 * @property {(me: number) => void} setMe
 * @property {(chatId: number | null, kind: ChangeKind, about?: { messageId?: number, userId?: number }) => void} note
 */

/** Messages, read pointers and known versions of a chat. */
export class Chat {
    /** By id, each in its largest version, without `is_read` and reactions. @type {Map<number, Message>} */
    known = new Map();
    reactions = new Reactions();
    own = new OwnSettings();
    versions = new Versions();
    stretches = new Stretches();
    /** Messages that I deleted for myself, with their `seq`; what else arrives about them is dropped. @type {Map<number, number>} */
    hidden = new Map();
    /** By the version of the last pin or unpin. @type {Marks<number>} */
    pins = new Marks();
    /** By the time of the last change. @type {Marks<string>} */
    stars = new Marks();
    /** The `seq` up to which each user has read. @type {Map<number, number>} */
    readUpTo = new Map();
    lastSeq = 0;
    /** Of the last message that is known to be mine. */
    sentSeq = 0;
    /** The entry of the chat list. @type {ChatSummary | null} */
    summary = null;
    /** Deletions of messages that are not known yet. @type {Map<number, [number, string]>} */
    #deletions = new Map();
    /** By message, those that quote it. @type {Map<number, Set<number>>} */
    #quotedBy = new Map();
    /** The largest version of a message that was dropped: what was known once is no news when it is read again. */
    #droppedTo = 0;
    /** As they are shown, until they change. @type {Map<number, Message>} */
    #shown = new Map();
    /** @type {Message[] | null} */
    #ordered = null;
    #shared;
    #planned;

    /** @param {number} id @param {Shared} shared @param {Planned} [planned] */
    constructor(id, shared, planned) {
        this.id = id;
        this.#shared = shared;
        this.#planned = planned;
    }

    /** The largest version that anything known of the chat has. */
    get newestVersion() {
        return Math.max(this.versions.newest, this.summary?.version ?? 0);
    }

    /** Store a message; returns whether it is news. @param {Message} message */
    put(message) {
        const { id, seq, version } = message;
        this.#read(message.sender_id, seq);
        if (message.is_read && message.receiver_id !== null) this.#read(message.receiver_id, seq);
        this.#advanceTo(seq);
        this.versions.mark(version);
        if (this.hidden.has(id)) return false;
        if (this.reactions.put(id, version, message.reactions ?? [])) this.touch(id);
        const deletion = this.#deletions.get(id);
        this.#deletions.delete(id);
        const known = this.known.get(id);
        if (known && known.version >= version) {
            this.#renewLinks(known, message);
            return false;
        }
        this.#keep(message);
        if (deletion) this.erase(id, ...deletion);
        return version > this.#droppedTo;
    }

    /**
     * Apply a deletion; returns whether it is news. If the message is not known yet, the deletion is kept.
     * @param {number} id
     * @param {number} version
     * @param {string} deletedAt
     */
    erase(id, version, deletedAt) {
        this.versions.mark(version);
        if (this.hidden.has(id)) return false;
        this.reactions.put(id, version, []);
        const known = this.known.get(id);
        if (!known) {
            const isNew = !this.#deletions.has(id);
            this.#deletions.set(id, [version, deletedAt]);
            this.touch(id);
            return isNew;
        }
        if (known.version >= version) return false;
        this.#keep({ ...known, version, updated_at: deletedAt, is_deleted: true });
        return true;
    }

    /** A message was pinned or unpinned; returns whether it is news. @param {number} id @param {number} version @param {boolean} isPinned */
    pin(id, version, isPinned) {
        this.versions.mark(version);
        const isNew = this.pins.put(id, version, isPinned);
        if (isNew) this.note("pins", id);
        return isNew;
    }

    /** I starred a message, or took the star away; returns whether it is news. @param {number} id @param {string} changedAt @param {boolean} isStarred */
    star(id, changedAt, isStarred) {
        const isNew = this.stars.put(id, changedAt, isStarred);
        if (isNew) this.note("stars", id);
        return isNew;
    }

    /** I deleted a message for myself; returns whether it is news. @param {number} id @param {number} seq */
    hide(id, seq) {
        if (this.hidden.has(id)) return false;
        this.hidden.set(id, seq);
        this.#advanceTo(seq);
        this.known.delete(id);
        this.#ordered = null;
        this.touch(id);
        return true;
    }

    /** A user has read up to a `seq`; returns whether that is news. @param {number} userId @param {number} upTo */
    read(userId, upTo) {
        const isNew = this.#read(userId, upTo);
        this.#advanceTo(upTo);
        return isNew;
    }

    /** Apply an entry of the chat list. @param {ChatSummary} summary */
    applySummary(summary) {
        if (!this.summary || summary.version >= this.summary.version) this.summary = summary;
        this.#advanceTo(summary.seq);
        const { me } = this.#shared;
        if (me !== null) this.#read(me, this.#readPointer(summary.seq, summary.unread_count));
        this.own.putSummary(summary);
        this.note("summary");
    }

    /** Apply what a system message says to the entry of the group. @param {Message} message */
    applySystem({ system, attachments, version }) {
        if (!system || !this.summary || this.summary.version >= version) return;
        const { event, title, member_count, role, users } = system;
        this.summary = { ...this.summary, version };
        if (title !== undefined) this.summary.title = title;
        if (member_count !== undefined) this.summary.member_count = member_count;
        if (event === "picture_changed") this.summary.picture_url = attachments[0]?.thumbnail_url ?? "";
        if (event === "role_changed" && users?.some((user) => user.id === this.#shared.me)) this.summary.role = role;
        this.note("summary");
    }

    /** I left the group at this version, and joined it again later. @param {number} version */
    forgetUpTo(version) {
        this.#drop([...this.known.values()].filter((message) => message.version <= version));
        this.stretches = new Stretches();
        this.versions.completeUpTo(version);
    }

    /** Forget all but the newest messages of those that were read without holes, to bound memory; they can be read again. @param {number} count */
    trim(count) {
        const end = this.stretches.around(Infinity);
        const ordered = this.ordered();
        const from = ordered.at(-count)?.seq ?? 0;
        this.#drop(ordered.filter(({ seq }) => seq < from || !end));
        this.stretches = new Stretches();
        if (end) this.stretches.cover(Math.max(from, end[0]), Infinity);
    }

    /** Number of messages that I have not read. */
    unread() {
        const { me } = this.#shared;
        if (me === null) return 0;
        const readUpTo = this.readUpTo.get(me) ?? 0;
        return this.lastSeq - readUpTo - [...this.hidden.values()].filter((seq) => seq > readUpTo).length;
    }

    /** The known messages as they are stored, oldest first. */
    ordered() {
        this.#ordered ??= [...this.known.values()].sort((a, b) => a.seq - b.seq);
        return this.#ordered;
    }

    /**
     * A message with what is known of it beside its text: whether it is read, its reactions, its quote, and what I have changed.
     * @param {Message} message
     */
    shown(message) {
        const { id, reply_to: quote } = message;
        let shown = this.#shown.get(id);
        if (!shown) {
            const { me } = this.#shared;
            const reader = message.receiver_id ?? me;
            shown = {
                ...message,
                version: Math.max(message.version, this.reactions.version(id)),
                reactions: message.is_deleted ? [] : this.reactions.shown(id, me),
                is_read: reader !== null && (this.readUpTo.get(reader) ?? 0) >= message.seq,
            };
            if (quote) shown.reply_to = this.#currentQuote(quote);
            shown = this.#planned?.laidOver(shown, me) ?? shown;
            this.#shown.set(id, shown);
        }
        return shown;
    }

    /** My id became known: show everything as it is for me. */
    refresh() {
        this.#shown.clear();
        this.note("messages");
        if (this.summary) this.applySummary(this.summary);
    }

    /** @param {ChangeKind} kind @param {number} [messageId] */
    note(kind, messageId) {
        this.#shared.note(this.id, kind, { messageId });
    }

    /** What is shown of a message has changed, and its quotes. @param {number} id */
    touch(id) {
        for (const touched of [id, ...(this.#quotedBy.get(id) ?? [])]) {
            this.#shown.delete(touched);
            this.note("messages", touched);
        }
        this.note("summary");
    }

    /** @param {number} seq */
    #advanceTo(seq) {
        if (seq <= this.lastSeq) return;
        this.lastSeq = seq;
        this.note("summary");
    }

    /** @param {number} userId @param {number} upTo */
    #read(userId, upTo) {
        const before = this.readUpTo.get(userId) ?? 0;
        if (upTo <= before) return false;
        this.readUpTo.set(userId, upTo);
        const ordered = this.ordered();
        for (let i = ordered.length - 1; i >= 0 && ordered[i].seq > before; i--) {
            if (ordered[i].seq <= upTo && ordered[i].sender_id !== userId) this.touch(ordered[i].id);
        }
        this.note("summary");
        return true;
    }

    /** @param {Message} message */
    #keep(message) {
        const kept = stored(message);
        const isLast = !this.known.has(kept.id) && kept.seq > (this.#ordered?.at(-1)?.seq ?? 0);
        this.known.set(kept.id, kept);
        if (isLast) this.#ordered?.push(kept);
        else this.#ordered = null;
        if (kept.reply_to) {
            const quoting = this.#quotedBy.get(kept.reply_to.id) ?? new Set();
            this.#quotedBy.set(kept.reply_to.id, quoting.add(kept.id));
        }
        this.touch(kept.id);
    }

    /** Links to files work for an hour, and are renewed with every response. @param {Message} known @param {Message} message */
    #renewLinks(known, message) {
        const url = message.attachments?.[0]?.public_url;
        if (!url || known.version !== message.version || known.attachments[0]?.public_url === url) return;
        known.attachments = message.attachments;
        this.touch(known.id);
    }

    /** @param {Message[]} messages */
    #drop(messages) {
        for (const { id, version } of messages) {
            this.known.delete(id);
            this.#droppedTo = Math.max(this.#droppedTo, Math.min(version, this.versions.knownTo)); // above it others may be missing
            this.touch(id);
        }
        this.#ordered = null;
    }

    /** Whether a message was deleted, known or not. @param {number} id */
    isErased(id) {
        return this.#deletions.has(id) || (this.known.get(id)?.is_deleted ?? false);
    }

    /** The `seq` up to which I have read, if so many messages after it are unread: hidden ones do not count. @param {number} seq @param {number} unread */
    #readPointer(seq, unread) {
        const hidden = new Set(this.hidden.values());
        for (; unread > 0 && seq > 0; seq--) if (!hidden.has(seq)) unread--;
        return seq;
    }

    /** A quote as the quoted message is now; null of one that I have deleted for myself. @param {Quote} quote */
    #currentQuote(quote) {
        if (this.hidden.has(quote.id)) return null;
        const known = this.known.get(quote.id);
        if (quote.is_deleted || this.isErased(quote.id)) {
            return { ...quote, content: DELETED, is_deleted: true };
        }
        return known ? { ...quote, content: preview(known.content) } : quote;
    }
}
