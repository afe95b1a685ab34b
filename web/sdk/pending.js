/** My messages that the server has not answered, or has refused; kept over reloads. */

/** @import { Draft, PendingMessage } from "./types.js" */
/** @import { RefusedError } from "./errors.js" */
/** @import { PendingStore } from "./pending-store.js" */

/**
 * What is shown of a message before it is stored.
 * @param {Draft} draft
 * @returns {PendingMessage}
 */
export function pendingOf(draft) {
    const { attachments = [], location = null } = draft;
    return {
        key: draft.key ?? crypto.randomUUID(),
        chat_id: draft.chatId ?? null,
        receiver_id: draft.receiverId ?? null,
        listing_id: draft.listingId ?? null,
        storefront_product_id: draft.storefrontProductId ?? null,
        content: draft.content ?? "",
        message_type: location ? "location" : typeOf(attachments),
        location_data: location,
        attachments: [...attachments],
        reply_to_id: draft.replyToId ?? null,
        forward_message_id: draft.forwardMessageId ?? null,
        mentions: [...(draft.mentions ?? [])],
        created_at: new Date().toISOString(),
        state: "sending",
        error: null,
    };
}

/**
 * The fields of the request that sends a message.
 * @param {PendingMessage} pending
 */
export function bodyOf(pending) {
    const { chat_id, receiver_id, listing_id, storefront_product_id, reply_to_id, forward_message_id } = pending;
    const { content, message_type, location_data, attachments, mentions } = pending;
    /** @type {Record<string, any>} */
    const body = { content };
    const ids = { chat_id, receiver_id, listing_id, storefront_product_id, reply_to_id, forward_message_id };
    for (const [name, id] of Object.entries(ids)) if (id) body[name] = id;
    if (message_type !== "text") body.message_type = message_type;
    if (location_data) body.location_data = location_data;
    if (attachments.length) body.attachment_ids = attachments.map((file) => file.id);
    if (mentions.length) body.mentions = mentions;
    return body;
}

/** @param {PendingMessage["attachments"]} files @returns {PendingMessage["message_type"]} */
function typeOf(files) {
    if (!files.length) return "text";
    const types = new Set(files.map((file) => (file.metadata.voice ? "voice" : file.file_type)));
    const [type] = types;
    return types.size > 1 || type === "document" ? "file" : type;
}

/** Unanswered and refused messages by key, in the order of sending. */
export class Pending {
    /** @type {Map<string, PendingMessage>} */
    #entries = new Map();
    #store;
    #onChange;

    /** @param {PendingStore} store @param {(chatId: number | null) => void} onChange */
    constructor(store, onChange) {
        this.#store = store;
        this.#onChange = onChange;
    }

    /** @param {string} key */
    get(key) {
        return this.#entries.get(key);
    }

    all() {
        return [...this.#entries.values()];
    }

    /** Add an entry, or replace the one with its key. @param {PendingMessage} entry */
    set(entry) {
        this.#entries.set(entry.key, entry);
        this.#store.put(entry);
        this.#onChange(entry.chat_id);
    }

    /** The server has refused it: keep it, to be shown. @param {string} key @param {RefusedError} error */
    refuse(key, { code, message, status }) {
        const entry = this.#entries.get(key);
        if (entry) this.set({ ...entry, state: "refused", error: { code, message, status } });
    }

    /** @param {string} key */
    delete(key) {
        const entry = this.#entries.get(key);
        if (!entry) return;
        this.#entries.delete(key);
        this.#store.delete(key);
        this.#onChange(entry.chat_id);
    }

    /**
     * Read what an earlier page has left; returns what is new here, in the order of sending.
     * @returns {Promise<PendingMessage[]>}
     */
    async restore() {
        const kept = (await this.#store.all()).filter((entry) => !this.#entries.has(entry.key));
        kept.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
        for (const entry of kept) {
            this.#entries.set(entry.key, entry);
            this.#onChange(entry.chat_id);
        }
        return kept;
    }

    /** Forget all of them, but for what is on disk. */
    forget() {
        this.#entries.clear();
    }

    /** Forget all of them, also on disk. */
    async clear() {
        this.forget();
        await this.#store.clear();
    }
}
