/** Reads what the state does not have yet. What methods return rejects with `RefusedError`, `UnansweredError` or `AbortError`. */

/** @import { Attachment, ChatSummary, GalleryPage, MessagePage, Message, Person, Pin, Receipt, SearchPage, Shared, Suggestion, Warning } from "./types.js" */
import { Actions } from "./actions.js";

/** @typedef {{ signal?: AbortSignal }} Abortable */
/** @typedef {{ cursor?: string, limit?: number, signal?: AbortSignal }} PageQuery */

const AROUND = 25; // messages on each side of one that is jumped to
const PAGE = 50;

export class Reading extends Actions {
    /**
     * A page of the chat list; its chats are in the state as well. The first one is read by `connect`.
     * @param {{ q?: string, archived?: boolean, snoozed?: boolean, page?: number, limit?: number, signal?: AbortSignal }} [query]
     * @returns {Promise<ChatSummary[]>}
     */
    async listChats({ signal, ...query } = {}) {
        const { engine } = this;
        const summaries = await this.#get("", query, signal);
        // Only what was read after the cursor was taken is history instead of a gap.
        engine.store.applyChats(summaries, engine.catchUp.isLoaded);
        engine.learnChats(summaries);
        return summaries;
    }

    /** Read the newest messages and the pins of a chat, unless they are known. @param {number} chatId @param {Abortable} [options] */
    async openChat(chatId, { signal } = {}) {
        if (this.engine.store.chats.get(chatId)?.stretches.around(Infinity)) return;
        await Promise.all([this.listMessages(chatId, { limit: PAGE, signal }), this.listPins(chatId, { signal })]);
    }

    /** Forget all but the newest messages of a chat that is not shown any more, to bound memory. @param {number} chatId */
    closeChat(chatId) {
        this.engine.store.chats.get(chatId)?.trim(PAGE);
    }

    /**
     * Read a page before the window around a message (by default, the newest); returns whether there was something to read.
     * @param {number} chatId
     * @param {number} [aroundId]
     * @param {{ limit?: number, signal?: AbortSignal }} [options]
     */
    async loadOlder(chatId, aroundId, { limit = PAGE, signal } = {}) {
        const { messages, hasOlder } = this.engine.state.window(chatId, aroundId);
        if (!hasOlder) return false;
        await this.listMessages(chatId, { beforeId: messages[0]?.id, limit, signal });
        return true;
    }

    /** The same after the window. @param {number} chatId @param {number} [aroundId] @param {{ limit?: number, signal?: AbortSignal }} [options] */
    async loadNewer(chatId, aroundId, { limit = PAGE, signal } = {}) {
        const { messages, hasNewer } = this.engine.state.window(chatId, aroundId);
        if (!hasNewer) return false;
        await this.listMessages(chatId, { afterId: messages.at(-1)?.id, limit, signal });
        return true;
    }

    /**
     * Read a message and those around it: `state.window(chatId, messageId)` has them afterwards.
     * @param {number} chatId
     * @param {number} messageId
     * @param {{ limit?: number, signal?: AbortSignal }} [options] `limit`: on each side
     */
    async loadAround(chatId, messageId, { limit = AROUND, signal } = {}) {
        const chat = this.engine.store.chats.get(chatId);
        const known = chat?.known.get(messageId);
        if (known && chat?.stretches.around(known.seq)) return;
        await this.listMessages(chatId, { beforeId: messageId + 1, limit, signal });
        await this.listMessages(chatId, { afterId: messageId, limit, signal });
    }

    /**
     * A page of messages, newest first; they are in the state as well.
     * @param {number} chatId
     * @param {{ beforeId?: number, afterId?: number, limit?: number, signal?: AbortSignal }} [query]
     * @returns {Promise<MessagePage>}
     */
    async listMessages(chatId, { beforeId, afterId, limit = PAGE, signal } = {}) {
        const { engine } = this;
        const query = { chat_id: chatId, before_id: beforeId, after_id: afterId, limit };
        /** @type {MessagePage} */
        const page = await this.#get("/messages", query, signal);
        const chat = engine.store.chat(chatId);
        const seqs = page.messages.map((message) => message.seq);
        const anchor = chat.known.get(beforeId ?? afterId ?? 0)?.seq;
        const lastSeq = chat.lastSeq; // 0 while the list of chats is being read
        for (const message of page.messages) {
            engine.learn(message);
            engine.store.applyMessage(message);
        }
        for (const range of page.hidden ?? []) engine.store.apply({ type: "chat_advanced", chat_id: chatId, ...range }, false);
        const end = page.has_more ? undefined : afterId ? Infinity : 0;
        if (afterId && anchor === undefined && !seqs.length) return page; // nothing shows where it would be
        if (afterId) chat.stretches.cover(anchor ?? Math.min(...seqs), end ?? Math.max(...seqs));
        else chat.stretches.cover(end ?? (seqs.length ? Math.min(...seqs) : lastSeq), beforeId ? anchor ?? Math.max(0, ...seqs) : Infinity);
        chat.note("messages");
        return page;
    }

    /**
     * Find messages (docs/search.md).
     * @param {string} q
     * @param {object} [query]
     * @param {number} [query.chatId] only this chat
     * @param {string} [query.from] sender: id, username or `me`
     * @param {"link" | "file" | "image" | "video" | "audio"} [query.has]
     * @param {string} [query.before] a year, month, day or time
     * @param {string} [query.after]
     * @param {"relevance" | "newest"} [query.sort]
     * @param {string} [query.cursor]
     * @param {number} [query.limit]
     * @param {AbortSignal} [query.signal]
     * @returns {Promise<SearchPage>}
     */
    search(q, { chatId, signal, ...query } = {}) {
        return this.#get("/search", { q, chat_id: chatId, ...query }, signal);
    }

    /** What to search for. @param {string} q what was typed so far @param {Abortable} [options] @returns {Promise<Suggestion[]>} */
    async suggest(q, { signal } = {}) {
        return (await this.#get("/search/suggestions", { q }, signal)).suggestions;
    }

    /** The pinned messages of a chat, the last pinned first. @param {number} chatId @param {Abortable} [options] @returns {Promise<Pin[]>} */
    async listPins(chatId, { signal } = {}) {
        /** @type {Pin[]} */
        const pins = await this.#get(`/${chatId}/pins`, {}, signal);
        for (const { message, version } of pins) {
            this.engine.learn(message);
            this.engine.store.applyMessage(message);
            this.engine.store.apply({ type: "message_pinned", chat_id: chatId, message_id: message.id, version }, false);
        }
        return pins;
    }

    /** My starred messages in all chats. @param {PageQuery} [query] @returns {Promise<{ messages: Message[], has_more: boolean, next_cursor: string | null }>} */
    listStarred({ signal, ...query } = {}) {
        return this.#get("/starred", query, signal);
    }

    /** Who has read a message, first the one who read it first. @param {number} messageId @param {Abortable} [options] @returns {Promise<Receipt[]>} */
    receipts(messageId, { signal } = {}) {
        return this.#get(`/messages/${messageId}/receipts`, {}, signal);
    }

    /** Earlier texts of a message. @param {number} messageId @param {Abortable} [options] @returns {Promise<{ content: string, replaced_at: string }[]>} */
    history(messageId, { signal } = {}) {
        return this.#get(`/messages/${messageId}/history`, {}, signal);
    }

    /** Pictures, videos and audio of a chat, newest first. @param {number} chatId @param {PageQuery} [query] @returns {Promise<GalleryPage<Attachment & Shared>>} */
    listMedia(chatId, { signal, ...query } = {}) {
        return this.#get(`/${chatId}/media`, query, signal);
    }

    /** Documents of a chat, newest first. @param {number} chatId @param {PageQuery} [query] @returns {Promise<GalleryPage<Attachment & Shared>>} */
    listFiles(chatId, { signal, ...query } = {}) {
        return this.#get(`/${chatId}/files`, query, signal);
    }

    /** Links in the messages of a chat, newest first. @param {number} chatId @param {PageQuery} [query] @returns {Promise<GalleryPage<Shared & { url: string, title: string }>>} */
    listLinks(chatId, { signal, ...query } = {}) {
        return this.#get(`/${chatId}/links`, query, signal);
    }

    /** All of my draft in a chat. @param {number} chatId @returns {Promise<string>} */
    async readDraft(chatId) {
        return (await this.#get(`/${chatId}/draft`)).content;
    }

    /** Levels of an audio file from 0 to 100. @param {number} attachmentId @param {number} [bars] 16 to 256 @returns {Promise<{ duration: number, waveform: number[] }>} */
    waveform(attachmentId, bars) {
        return this.#get(`/attachments/${attachmentId}/waveform`, { bars });
    }

    /** Where to download a file, under its name; opened by a page it needs the cookies of the browser dialect. @param {number} attachmentId */
    downloadUrl(attachmentId) {
        const { baseUrl, paths } = this.engine.rest;
        return `${baseUrl}${paths.chat}/attachments/${attachmentId}/download`;
    }

    /** Warnings of the moderators to me. @returns {Promise<Warning[]>} */
    listWarnings() {
        return this.#get("/warnings");
    }

    /** The users I block. @returns {Promise<Person[]>} */
    listBlocks() {
        return this.#get("/blocks");
    }

    /** @param {number} userId @returns {Promise<{ is_blocked: boolean, is_blocked_by: boolean, can_send_message: boolean }>} */
    blockStatus(userId) {
        return this.#get(`/blocks/${userId}`);
    }

    /** @returns {Promise<{ hide_last_seen: boolean }>} */
    readPrivacy() {
        return this.#get("/me/privacy");
    }

    /** @param {string} id @returns {Promise<{ id: string, status: string, url?: string, expires_at?: string }>} */
    readExport(id) {
        return this.#get(`/exports/${id}`);
    }

    /** @param {string} path @param {Record<string, any>} [query] @param {AbortSignal} [signal] @returns {Promise<any>} */
    #get(path, query, signal) {
        return this.engine.rest.chat("GET", path, { query, signal });
    }
}
