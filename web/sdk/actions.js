/** What a person does: each method answers at once and goes on until the server has answered. */

/** @import { Draft, Message, Sending, Upload } from "./types.js" */
/** @import { Engine } from "./engine.js" */
/** @import { Pace } from "./pace.js" */
import { Drafts } from "./drafts.js";
import { pendingOf } from "./pending.js";
import { TypingSignal } from "./typing.js";
import { Uploads } from "./uploads.js";

/**
 * What methods return rejects with `RefusedError`, or with `ClosedError` when the log-in ends, never for the network. Not to
 * wait for it is fine: refusals are events as well.
 */
export class Actions {
    /** @protected */
    engine;
    #typing;
    #drafts;
    #uploads;

    /** @param {Engine} engine @param {Pace} pace @param {EventTarget | undefined} eventTarget */
    constructor(engine, pace, eventTarget) {
        this.engine = engine;
        this.#typing = new TypingSignal(pace, (chatId, isTyping) => {
            engine.link.send(JSON.stringify({ type: "typing", chat_id: chatId, is_typing: isTyping }));
        });
        this.#drafts = new Drafts(pace, (chatId, content, isLast) => this.#saveDraft(chatId, content, isLast));
        this.#uploads = new Uploads(engine.rest, pace);
        eventTarget?.addEventListener("pagehide", () => this.#drafts.flushAll());
        eventTarget?.addEventListener("visibilitychange", () => document.hidden && this.#drafts.flushAll());
    }

    /** Send a message: it is in `state.pending` at once. @param {Draft} draft @returns {Sending} */
    send(draft) {
        const { engine } = this;
        const entry = pendingOf(draft);
        if (entry.chat_id) {
            this.#typing.stop(entry.chat_id);
            this.#drafts.forget(entry.chat_id);
        }
        return { key: entry.key, sent: engine.sendPending(entry) };
    }

    /** Send a refused message once more, with its key. @param {string} key */
    retry(key) {
        const entry = this.engine.pending.get(key);
        if (entry?.state === "refused") this.engine.sendPending({ ...entry, created_at: new Date().toISOString() });
    }

    /** Forget a message that was refused. @param {string} key */
    discard(key) {
        if (this.engine.pending.get(key)?.state === "refused") this.engine.pending.delete(key);
    }

    /**
     * Edit one of my messages.
     * @param {number} chatId
     * @param {number} messageId
     * @param {string} content
     * @param {number} [version] of the message that was edited; if its text has changed since, the edit is refused. Without
     *     effect while an earlier edit is not confirmed: its version is not known yet
     * @returns {Promise<Message>}
     */
    edit(chatId, messageId, content, version) {
        const isKnown = version && !this.engine.planned.has(messageId, "edit");
        return this.#about("edit", chatId, messageId, { content, ...(isKnown && { version }) });
    }

    /** Delete one of my messages for all. @param {number} chatId @param {number} messageId @returns {Promise<Message>} */
    delete(chatId, messageId) {
        return this.#about("delete", chatId, messageId);
    }

    /** Delete a message for me. @param {number} chatId @param {number} messageId */
    hide(chatId, messageId) {
        return this.#about("hide", chatId, messageId);
    }

    /** @param {number} chatId @param {number} messageId @param {string} emoji */
    react(chatId, messageId, emoji) {
        return this.#about("react", chatId, messageId, { emoji });
    }

    /** @param {number} chatId @param {number} messageId @param {string} emoji */
    unreact(chatId, messageId, emoji) {
        return this.#about("unreact", chatId, messageId, { emoji });
    }

    /** Pin a message for all members. @param {number} chatId @param {number} messageId */
    pin(chatId, messageId) {
        return this.#about("pinMessage", chatId, messageId);
    }

    /** @param {number} chatId @param {number} messageId */
    unpin(chatId, messageId) {
        return this.#about("unpinMessage", chatId, messageId);
    }

    /** Star a message for me. @param {number} chatId @param {number} messageId */
    star(chatId, messageId) {
        return this.#about("star", chatId, messageId);
    }

    /** @param {number} chatId @param {number} messageId */
    unstar(chatId, messageId) {
        return this.#about("unstar", chatId, messageId);
    }

    /** Send copies of a message, one to each chat. @param {number} messageId @param {readonly number[]} chatIds @returns {Sending[]} */
    forward(messageId, chatIds) {
        return chatIds.map((chatId) => this.send({ chatId, forwardMessageId: messageId }));
    }

    /**
     * Mark a chat as read up to a message; it counts as read at once.
     * @param {number} chatId
     * @param {number} [messageId] the newest by default
     * @returns {Promise<void>}
     */
    async markRead(chatId, messageId) {
        const { store, state } = this.engine;
        const { me } = store;
        const chat = store.chats.get(chatId);
        const message = messageId ? chat?.known.get(messageId) : chat?.ordered().at(-1);
        const id = messageId ?? message?.id ?? chat?.summary?.last_message?.id;
        const isRead = message && me && state.readUpTo(chatId, me) >= message.seq;
        if (!id || (isRead && !state.chat(chatId)?.is_marked_unread)) return;
        if (message && me) chat?.read(me, message.seq);
        await this.#replacing("read", chatId, { chat_id: chatId, message_ids: [id] });
    }

    /** @param {number} chatId */
    markUnread(chatId) {
        return this.#own("mark-unread", chatId);
    }

    /** A key was pressed in the composer: the others see that I am typing. Called as often as you like. @param {number} chatId */
    typing(chatId) {
        this.#typing.keystroke(chatId);
    }

    /** The composer is empty. @param {number} chatId */
    stopTyping(chatId) {
        this.#typing.stop(chatId);
    }

    /** Replace my draft; an empty one removes it. Called as often as you like: it is sent when I pause. @param {number} chatId @param {string} content */
    saveDraft(chatId, content) {
        this.#drafts.write(chatId, content);
    }

    /** @param {number} chatId */
    archive(chatId) {
        return this.#own("archive", chatId);
    }

    /** @param {number} chatId */
    unarchive(chatId) {
        return this.#own("unarchive", chatId);
    }

    /** @param {number} chatId @param {string} [until] RFC 3339; for ever without it */
    mute(chatId, until) {
        return this.#own("mute", chatId, until ? { until } : undefined);
    }

    /** @param {number} chatId */
    unmute(chatId) {
        return this.#own("unmute", chatId);
    }

    /** @param {number} chatId @param {string} until RFC 3339 */
    snooze(chatId, until) {
        return this.#own("snooze", chatId, { until });
    }

    /** @param {number} chatId */
    unsnooze(chatId) {
        return this.#own("unsnooze", chatId);
    }

    /** @param {number} chatId */
    pinChat(chatId) {
        return this.#own("pin", chatId);
    }

    /** @param {number} chatId */
    unpinChat(chatId) {
        return this.#own("unpin", chatId);
    }

    /** Delete a chat for all members, for good. @param {number} chatId @returns {Promise<void>} */
    deleteChat(chatId) {
        return this.engine.command("deleteChat", { lane: `chat ${chatId}`, chatId });
    }

    /**
     * Upload a file, to be sent within a day.
     * @param {Blob} file
     * @param {Parameters<Uploads["start"]>[1]} [options]
     * @returns {Upload}
     */
    upload(file, options) {
        return this.#uploads.start(file, options);
    }

    /** @param {string} kind @param {number} chatId @param {number} messageId @param {Record<string, any>} [body] @returns {Promise<any>} */
    #about(kind, chatId, messageId, body) {
        return this.engine.command(kind, { lane: `chat ${chatId}`, chatId, messageId, body });
    }

    /** My own settings do not wait for messages. @param {string} kind @param {number} chatId @param {Record<string, any>} [body] @returns {Promise<void>} */
    #own(kind, chatId, body) {
        return this.engine.command(kind, { lane: `own ${chatId}`, chatId, body });
    }

    /** A command of which only the last one matters. @param {string} kind @param {number} chatId @param {Record<string, any>} body */
    #replacing(kind, chatId, body) {
        const lane = `${kind} ${chatId}`;
        const waiting = this.engine.outbox.replaceable(kind, lane);
        if (!waiting) return this.engine.command(kind, { lane, chatId, body });
        waiting.body = body;
        return waiting.answer;
    }

    /** @param {number} chatId @param {string} content @param {boolean} isLast */
    #saveDraft(chatId, content, isLast) {
        if (!isLast) return void this.#replacing("draft", chatId, { content });
        const saved = this.engine.rest.chat("PUT", `/${chatId}/draft`, { body: { content }, keepalive: true });
        return void saved.catch(() => {}); // the page may be gone before the answer
    }
}
