/** What never loses or doubles a message: commands go out until they are answered, and what arrives is news once. */

/** @import { ChangeKind, ChatSummary, Frame, Message, StopReason } from "./types.js" */
/** @import { Shared } from "./chat.js" */
/** @import { Command } from "./outbox.js" */
/** @import { Pace } from "./pace.js" */
/** @import { Planned } from "./planned.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Link, LinkHandlers } from "./connection.js" */
import { CatchUp } from "./catch-up.js";
import { Dispatcher } from "./dispatcher.js";
import { Emitter } from "./emitter.js";
import { ClosedError, RefusedError, UnauthorizedError } from "./errors.js";
import { Outbox } from "./outbox.js";
import { Status } from "./status.js";
import { Store } from "./store.js";

const REFUSED_FRAME_WAIT = 2000; // ms before a frame is sent again, unless the server names a delay

/** The address of one socket of the chats. @param {Rest} rest */
export async function socketAddress(rest) {
    return `${rest.baseUrl.replace(/^http/, "ws")}/ws/chat?ticket=${await rest.ticket()}`;
}

/** Combines store, outbox, socket and catch-up. What a user interface needs beside it is in `engine.js`. @implements {Shared} */
export class Delivery {
    emitter = new Emitter();
    /** @type {number | null} */
    #me = null;

    /**
     * @param {Rest} rest
     * @param {Pace} pace
     * @param {(handlers: LinkHandlers) => Link} makeLink
     * @param {Planned} [planned] unconfirmed changes, which are laid over what is shown
     */
    constructor(rest, pace, makeLink, planned) {
        this.rest = rest;
        this.store = new Store(this, planned);
        this.outbox = new Outbox(pace);
        this.link = makeLink({
            onState: () => this.#stateChanged(),
            onConnected: (frame) => this.connected(frame),
            onFrame: (frame) => this.receive(frame),
            onLost: () => this.lost(),
            onPoll: () => this.catchUp.want(),
        });
        this.catchUp = new CatchUp(rest, this.store, pace, {
            list: (summaries) => this.listed(summaries),
            news: (frames, page) => this.caughtUp(frames, page),
            changed: () => this.#stateChanged(),
            failed: (error) => this.stop(error instanceof UnauthorizedError ? "unauthorized" : "refused"),
        });
        this.dispatcher = new Dispatcher(this.outbox, rest, this.link, this);
        this.status = new Status(this.link, this.catchUp);
    }

    /** My id; null until known. */
    get me() {
        return this.#me;
    }

    connect() {
        this.catchUp.start();
        this.link.start();
    }

    /** @param {StopReason | null} [reason] */
    stop(reason = null) {
        this.catchUp.stop();
        this.dispatcher.stop();
        this.link.stop(reason);
    }

    /** My id became known, or another person has logged in; returns whether it is news. @param {number | null} me */
    setMe(me) {
        if (me === this.#me) return false;
        const wasKnown = this.#me !== null;
        this.#me = me;
        if (wasKnown) this.forgetPerson();
        for (const chat of this.store.chats.values()) chat.refresh();
        return true;
    }

    /** Forget everything of this person. */
    signOut() {
        this.stop();
        this.#me = null;
        this.forgetPerson();
        this.emitter.emit("signedOut", { reason: "logout" });
    }

    /**
     * Add a command; returns the promise of its answer.
     * @param {string} kind
     * @param {Partial<Command> & { lane: string }} command
     */
    command(kind, { key = crypto.randomUUID(), ...command }) {
        const { answer } = this.outbox.put({ kind, key, ...command });
        this.dispatcher.pump();
        return answer;
    }

    /** Send a message; those of a chat, or to one person, are sent one after the other. @param {Record<string, any>} body @param {string} [key] @returns {Promise<Message>} */
    send(body, key) {
        const { chat_id: chatId, receiver_id, listing_id, storefront_product_id } = body;
        const lane = chatId ? `chat ${chatId}` : `to ${receiver_id} ${listing_id} ${storefront_product_id}`;
        return this.command("message", { key, lane, chatId, body });
    }

    /** A message of a response or a page. @param {Message} message */
    learn(message) {
        // Its acknowledgement may have been lost.
        if (message.sender_id === this.#me && message.client_message_id) this.outbox.answered(message.client_message_id, message);
    }

    /** What is known of a chat has changed. @param {number | null} _chatId @param {ChangeKind} _kind @param {{ messageId?: number, userId?: number }} [_about] */
    note(_chatId, _kind, _about) {}

    // Results of commands over HTTP.

    /** @param {Command} command @param {any} answer */
    done({ kind, key, chatId, messageId }, answer) {
        if (answer?.chat_id && answer.seq) {
            this.learn(answer);
            const isNew = this.store.applyMessage(answer);
            if (isNew) this.#emit({ type: "message_ack", client_message_id: key, message: answer });
        } else if (answer?.reactions && chatId) {
            const chat = this.store.chat(chatId);
            if (chat.reactions.put(answer.message_id, answer.version, answer.reactions)) chat.touch(answer.message_id);
        }
        const seq = this.store.chats.get(chatId ?? 0)?.known.get(messageId ?? 0)?.seq;
        if (kind === "hide" && seq) this.store.apply({ type: "message_hidden", chat_id: chatId, message_id: messageId, seq }, false);
        if (kind === "deleteChat") this.store.apply({ type: "chat_deleted", chat_id: chatId }, false);
        this.outbox.answered(key, answer);
        if (this.link.info.state !== "open") this.catchUp.want(); // no frame shows what it changed
    }

    /** @param {Pick<Command, "key">} command @param {RefusedError} error */
    refused({ key }, error) {
        if (error instanceof UnauthorizedError) {
            this.outbox.unknown(key, performance.now()); // it is sent after the next log-in
            return this.stop("unauthorized");
        }
        const command = this.outbox.refused(key, error);
        if (command) this.emitter.emit("refused", { kind: command.kind, key, chatId: command.chatId, messageId: command.messageId, error });
        return undefined;
    }

    // Events of the socket.

    /** @protected @param {Frame} frame */
    connected(frame) {
        this.setMe(frame.user_id);
        this.catchUp.wantNow();
        this.dispatcher.pump();
    }

    /** @protected */
    lost() {
        this.status.lost();
        this.outbox.socketLost();
    }

    /** @protected @param {Frame} frame */
    receive(frame) {
        if (frame.type === "error") return this.#refusedFrame(frame);
        if (frame.type === "message_ack") this.outbox.answered(frame.client_message_id, frame.message);
        if (frame.message) this.learn(frame.message);
        const isNew = this.store.apply(frame);
        this.catchUp.liveFrame();
        if (isNew) this.#emit(frame);
        return this.dispatcher.pump();
    }

    /** @param {Frame} frame */
    #refusedFrame({ client_message_id: key, error, message, retry_after: retryAfter }) {
        if (!key) return; // of typing and the like: nothing depends on it
        const isRetryable = retryAfter !== undefined || /(internalError|unavailable)$/i.test(error);
        if (isRetryable) this.outbox.unknown(key, performance.now(), retryAfter ? retryAfter * 1000 : REFUSED_FRAME_WAIT);
        else this.refused({ key }, new RefusedError(error, message));
        this.dispatcher.pump();
    }

    // Events of the catch-up.

    /** @protected @param {ChatSummary[]} _summaries */
    listed(_summaries) {
        this.emitter.emit("sync", {});
    }

    /** @protected @param {Frame[]} frames @param {Frame} page */
    caughtUp(frames, page) {
        page.messages.forEach((/** @type {Message} */ message) => this.learn(message));
        frames.forEach((frame) => this.#emit(frame));
        this.dispatcher.pump();
    }

    /** @protected */
    forgetPerson() {
        this.outbox.giveUp(new ClosedError("the log-in has ended"));
        this.catchUp.restart();
    }

    // Events for the caller.

    /** @param {Frame} frame */
    #emit(frame) {
        this.emitter.emit(frame.type, frame);
        this.emitter.emit("frame", frame);
    }

    #stateChanged() {
        const before = this.status.info;
        if (!this.status.update()) return;
        const { info } = this.status;
        this.emitter.emit("connection", info);
        if (info.reason === "unauthorized" && before.reason !== info.reason) this.emitter.emit("signedOut", { reason: info.reason });
        this.dispatcher.pump();
    }
}
