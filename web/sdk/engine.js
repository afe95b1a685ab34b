/** Combines the parts: what arrives goes into the store and the outbox, what changed becomes events. */

/** @import { ChatSummary, Frame, Message, PendingMessage, StopReason } from "./types.js" */
/** @import { Command } from "./outbox.js" */
/** @import { Pace } from "./pace.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Link, LinkHandlers } from "./connection.js" */
import { CatchUp } from "./catch-up.js";
import { Dispatcher } from "./dispatcher.js";
import { Changes, Emitter } from "./emitter.js";
import { ClosedError, RefusedError, UnauthorizedError } from "./errors.js";
import { Outbox } from "./outbox.js";
import { Pending, bodyOf } from "./pending.js";
import { PendingStore } from "./pending-store.js";
import { People } from "./people.js";
import { ChatState } from "./state.js";
import { Status } from "./status.js";
import { Store } from "./store.js";

const REFUSED_FRAME_WAIT = 2000; // ms before a frame is sent again, unless the server names a delay
const EXPIRED = { code: "sdk.expired", message: "", status: 0 };

export class Engine {
    emitter = new Emitter();
    /** @type {number | null} */
    #me = null;
    /** Chats whose entry of the list was asked for. @type {Set<number>} */
    #asked = new Set();
    #changes;
    #pace;

    /**
     * @param {Rest} rest
     * @param {Pace} pace
     * @param {IDBFactory | null} storage
     * @param {(handlers: LinkHandlers) => Link} makeLink
     */
    constructor(rest, pace, storage, makeLink) {
        this.rest = rest;
        this.#pace = pace;
        this.#changes = new Changes((change) => this.#publish(change), () => {
            if (this.state.settle()) this.#changes.note(null, "list");
        });
        const engine = this;
        /** @type {import("./chat.js").Shared} */
        const shared = {
            get me() { return engine.#me; },
            set me(me) { engine.setMe(me); },
            note: (chatId, kind, about) => this.note(chatId, kind, about),
        };
        this.store = new Store(shared);
        this.people = new People(pace.typingEnds, (userId) => this.#personChanged(userId), (chatId) => this.note(chatId, "typing"));
        this.keeper = new PendingStore(storage);
        this.pending = new Pending(this.keeper, (chatId) => this.note(chatId, "pending"));
        this.state = new ChatState(this.store, this.people, this.pending);
        this.outbox = new Outbox(pace);
        this.link = makeLink({
            onState: () => this.#stateChanged(),
            onConnected: (frame) => this.#connected(frame),
            onFrame: (frame) => this.#receive(frame),
            onLost: () => this.#lost(),
            onPoll: () => this.catchUp.want(),
        });
        this.catchUp = new CatchUp(rest, this.store, pace, {
            list: (summaries) => this.#listed(summaries),
            news: (frames, page) => this.#caughtUp(frames, page),
            changed: () => this.#stateChanged(),
            failed: (error) => this.stop(error instanceof UnauthorizedError ? "unauthorized" : "refused"),
        });
        const link = this.link;
        this.dispatcher = new Dispatcher(this.outbox, rest, {
            get isOpen() { return link.info.state === "open"; },
            get isActive() { return link.info.state === "open" || link.info.state === "polling"; },
            send: (frame) => link.send(frame),
        }, this);
        this.status = new Status(link, this.catchUp);
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
        this.people.forgetSignals();
    }

    /** My id became known, or another person has logged in. @param {number | null} me */
    setMe(me) {
        if (me === this.#me) return;
        const wasKnown = this.#me !== null;
        this.#me = me;
        if (wasKnown) this.#forgetPerson();
        for (const chat of this.store.chats.values()) chat.refresh();
        if (me !== null) this.#restore(`${this.rest.baseUrl} ${me}`);
    }

    /** Forget everything of this person, on disk as well. */
    async signOut() {
        this.stop();
        const isForgotten = this.pending.clear();
        this.#me = null;
        this.#forgetPerson();
        this.emitter.emit("signedOut", { reason: "logout" });
        await isForgotten;
    }

    /**
     * Add a command; returns the promise of its answer. Some are shown before it.
     * @param {string} kind
     * @param {Partial<Command> & { lane: string }} command
     */
    command(kind, { key = crypto.randomUUID(), ...command }) {
        const { answer } = this.outbox.put({ kind, key, ...command });
        const { chatId, messageId, body } = command;
        if (chatId && messageId) this.store.planned.add(messageId, { kind, body }, answer, () => this.store.chats.get(chatId)?.touch(messageId));
        this.dispatcher.pump();
        return answer;
    }

    /** Send a pending message; it is in the state at once. @param {PendingMessage} entry @returns {Promise<Message>} */
    sendPending(entry) {
        this.pending.set({ ...entry, state: "sending", error: null });
        const { key, chat_id: chatId, receiver_id, listing_id, storefront_product_id } = entry;
        const lane = chatId ? `chat ${chatId}` : `to ${receiver_id} ${listing_id} ${storefront_product_id}`;
        return this.command("message", { key, lane, chatId, body: bodyOf(entry) });
    }

    /** A message of a response or a page. @param {Message} message */
    learn(message) {
        this.people.learn(message.sender);
        this.people.learn(message.receiver);
        message.system?.users?.forEach((user) => this.people.learn({ email: "", ...user }));
        if (message.sender_id !== this.#me || !message.client_message_id) return;
        // Its acknowledgement may have been lost.
        this.outbox.answered(message.client_message_id, message);
        this.pending.delete(message.client_message_id);
    }

    /** Apply entries of the chat list. @param {ChatSummary[]} summaries */
    learnChats(summaries) {
        for (const { buyer, seller, other_user: other } of summaries) {
            for (const person of [buyer, seller]) this.people.learn(person);
            if (other) this.people.setPresence(other.id, other.is_online, other.last_seen);
        }
        this.state.rank(summaries);
    }

    /** Note a change, and forget what was made to be shown. @type {import("./chat.js").Shared["note"]} */
    note(chatId, kind, about) {
        this.state.invalidate(chatId, kind);
        this.#changes.note(chatId, kind, about);
    }

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
        this.pending.refuse(key, error);
        const command = this.outbox.refused(key, error);
        if (command) this.emitter.emit("refused", { kind: command.kind, key, chatId: command.chatId, messageId: command.messageId, error });
        return undefined;
    }

    // Events of the socket.

    /** @param {Frame} frame */
    #connected(frame) {
        this.setMe(frame.user_id);
        if (this.link.isLeader) this.link.send('{"type":"get_online_users"}');
        this.catchUp.wantNow();
        this.dispatcher.pump();
    }

    #lost() {
        this.status.lost();
        this.outbox.socketLost();
        this.people.forgetSignals();
    }

    /** @param {Frame} frame */
    #receive(frame) {
        const { type, payload } = frame;
        if (type === "error") return this.#refusedFrame(frame);
        if (type === "message_ack") this.outbox.answered(frame.client_message_id, frame.message);
        if (frame.message) this.learn(frame.message);
        if (type === "new_message") this.people.setTyping(frame.chat_id, frame.message.sender_id, false);
        else if (type === "typing" && frame.user_id !== this.#me) this.people.setTyping(frame.chat_id, frame.user_id, frame.is_typing);
        else if (type === "user_online") this.people.setPresence(payload.user_id, true);
        else if (type === "user_offline") this.people.setPresence(payload.user_id, false, payload.last_seen);
        else if (type === "online_users_list") this.people.setOnline(payload.users);
        else if (type === "unread_count") this.setUnreadTotal(payload.count);
        const isNew = this.store.apply(frame);
        this.#askForEntry(frame.chat_id);
        this.catchUp.liveFrame();
        if (isNew) this.#emit(frame);
        return this.dispatcher.pump();
    }

    /** @param {number} count */
    setUnreadTotal(count) {
        if (count === this.state.unreadTotal) return;
        this.state.unreadTotal = count;
        this.note(null, "unread");
    }

    /** A frame does not show the entry of the list of a new chat. @param {number | undefined} chatId */
    #askForEntry(chatId) {
        const chat = this.store.chats.get(chatId ?? 0);
        if (!chat || chat.summary || this.#asked.has(chat.id)) return;
        this.#asked.add(chat.id);
        this.catchUp.want();
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

    /** @param {ChatSummary[]} summaries */
    #listed(summaries) {
        this.learnChats(summaries);
        this.state.isLoaded = true;
        this.note(null, "reset");
        this.emitter.emit("sync", {});
        const count = this.rest.chat("GET", "/unread-count");
        count.then((found) => this.setUnreadTotal(found.count), () => {}); // the next frame shows it as well
    }

    /** @param {Frame[]} frames @param {Frame} page */
    #caughtUp(frames, page) {
        page.messages.forEach((/** @type {Message} */ message) => this.learn(message));
        this.learnChats(page.chats);
        frames.forEach((frame) => this.#emit(frame));
        this.dispatcher.pump();
    }

    // Events for the caller.

    /** @param {Frame} frame */
    #emit(frame) {
        this.emitter.emit(frame.type, frame);
        this.emitter.emit("frame", frame);
    }

    /** @param {import("./types.js").Change} change */
    #publish(change) {
        this.emitter.emit("change", change);
        if (change.chatId !== null) this.emitter.emit(change.chatId, change);
    }

    #stateChanged() {
        const before = this.status.info;
        if (!this.status.update()) return;
        const { info } = this.status;
        this.emitter.emit("connection", info);
        if (info.reason === "unauthorized" && before.reason !== info.reason) this.emitter.emit("signedOut", { reason: info.reason });
        this.dispatcher.pump();
    }

    /** @param {number} userId */
    #personChanged(userId) {
        this.note(null, "people", { userId });
        for (const chat of this.store.chats.values()) {
            if (chat.summary?.other_user?.id !== userId) continue;
            this.note(chat.id, "summary");
            // How far my messages have come depends on whether the other one is online.
            for (const { id } of chat.ordered().slice(-1)) this.note(chat.id, "messages", { messageId: id });
        }
    }

    #forgetPerson() {
        this.outbox.giveUp(new ClosedError("the log-in has ended"));
        this.pending.forget();
        this.state.isLoaded = false;
        this.state.unreadTotal = null;
        this.#asked.clear();
        this.people.clear();
        this.catchUp.restart();
    }

    /** Send what an earlier page has left. @param {string} owner */
    async #restore(owner) {
        await this.keeper.setOwner(owner);
        for (const entry of await this.pending.restore()) {
            const age = Date.now() - Date.parse(entry.created_at);
            if (entry.state === "sending" && age < this.#pace.keptFor) this.sendPending(entry);
            else if (entry.state === "sending") this.pending.set({ ...entry, state: "refused", error: EXPIRED });
        }
    }
}
