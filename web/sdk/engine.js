/** What a user interface needs beside delivery: what is pending and planned, people, and which parts of the state have changed. */

/** @import { ChangeKind, ChatSummary, Frame, Message, PendingMessage, StopReason } from "./types.js" */
/** @import { Command } from "./outbox.js" */
/** @import { Pace } from "./pace.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Link, LinkHandlers } from "./connection.js" */
/** @import { RefusedError } from "./errors.js" */
import { Delivery } from "./delivery.js";
import { Changes } from "./emitter.js";
import { UnauthorizedError } from "./errors.js";
import { Pending, bodyOf } from "./pending.js";
import { PendingStore } from "./pending-store.js";
import { People } from "./people.js";
import { Planned } from "./planned.js";
import { ChatState } from "./state.js";

const EXPIRED = { code: "sdk.expired", message: "", status: 0 };

export class Engine extends Delivery {
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
        const planned = new Planned();
        super(rest, pace, makeLink, planned);
        this.planned = planned;
        this.#pace = pace;
        this.#changes = new Changes((change) => this.#publish(change), () => {
            if (this.state.settle()) this.#changes.note(null, "list");
        });
        this.people = new People(pace.typingEnds, (userId) => this.#personChanged(userId), (chatId) => this.note(chatId, "typing"));
        this.keeper = new PendingStore(storage);
        this.pending = new Pending(this.keeper, (chatId) => this.note(chatId, "pending"));
        this.state = new ChatState(this.store, this.people, this.pending);
    }

    /** @override @param {StopReason | null} [reason] */
    stop(reason = null) {
        super.stop(reason);
        this.people.forgetSignals();
    }

    /** @override @param {number | null} me */
    setMe(me) {
        const isNews = super.setMe(me);
        if (isNews && me !== null) this.#restore(`${this.rest.baseUrl} ${me}`);
        return isNews;
    }

    /** Forget everything of this person, on disk as well. @override */
    async signOut() {
        const isForgotten = this.pending.clear();
        super.signOut();
        await isForgotten;
    }

    /**
     * Add a command; returns the promise of its answer. Some are shown before it.
     * @override
     * @param {string} kind
     * @param {Partial<Command> & { lane: string }} command
     */
    command(kind, command) {
        const answer = super.command(kind, command);
        const { chatId, messageId, body } = command;
        if (chatId && messageId) this.planned.add(messageId, { kind, body }, answer, () => this.store.chats.get(chatId)?.touch(messageId));
        return answer;
    }

    /** Send a pending message; it is in the state at once. @param {PendingMessage} entry @returns {Promise<Message>} */
    sendPending(entry) {
        this.pending.set({ ...entry, state: "sending", error: null });
        return this.send(bodyOf(entry), entry.key);
    }

    /** @override @param {Message} message */
    learn(message) {
        this.people.learn(message.sender);
        this.people.learn(message.receiver);
        message.system?.users?.forEach((user) => this.people.learn({ email: "", ...user }));
        super.learn(message);
        if (message.sender_id === this.me && message.client_message_id) this.pending.delete(message.client_message_id);
    }

    /** Apply entries of the chat list. @param {ChatSummary[]} summaries */
    learnChats(summaries) {
        for (const { buyer, seller, other_user: other } of summaries) {
            for (const person of [buyer, seller]) this.people.learn(person);
            if (other) this.people.setPresence(other.id, other.is_online, other.last_seen);
        }
        this.state.rank(summaries);
    }

    /** Note a change, and forget what was made to be shown. @override @param {number | null} chatId @param {ChangeKind} kind @param {{ messageId?: number, userId?: number }} [about] */
    note(chatId, kind, about) {
        this.state.invalidate(chatId, kind);
        this.#changes.note(chatId, kind, about);
    }

    /** @override @param {Pick<Command, "key">} command @param {RefusedError} error */
    refused(command, error) {
        if (!(error instanceof UnauthorizedError)) this.pending.refuse(command.key, error);
        super.refused(command, error);
    }

    /** @param {number} count */
    setUnreadTotal(count) {
        if (count === this.state.unreadTotal) return;
        this.state.unreadTotal = count;
        this.note(null, "unread");
    }

    // Events of the socket.

    /** @override @protected @param {Frame} frame */
    connected(frame) {
        if (this.link.isLeader) this.link.send('{"type":"get_online_users"}');
        super.connected(frame);
    }

    /** @override @protected */
    lost() {
        super.lost();
        this.people.forgetSignals();
    }

    /** @override @protected @param {Frame} frame */
    receive(frame) {
        const { type, payload } = frame;
        if (type === "new_message") this.people.setTyping(frame.chat_id, frame.message.sender_id, false);
        else if (type === "typing" && frame.user_id !== this.me) this.people.setTyping(frame.chat_id, frame.user_id, frame.is_typing);
        else if (type === "user_online") this.people.setPresence(payload.user_id, true);
        else if (type === "user_offline") this.people.setPresence(payload.user_id, false, payload.last_seen);
        else if (type === "online_users_list") this.people.setOnline(payload.users);
        else if (type === "unread_count") this.setUnreadTotal(payload.count);
        super.receive(frame);
        this.#askForEntry(frame.chat_id);
    }

    /** A frame does not show the entry of the list of a new chat. @param {number | undefined} chatId */
    #askForEntry(chatId) {
        const chat = this.store.chats.get(chatId ?? 0);
        if (!chat || chat.summary || this.#asked.has(chat.id)) return;
        this.#asked.add(chat.id);
        this.catchUp.want();
    }

    // Events of the catch-up.

    /** @override @protected @param {ChatSummary[]} summaries */
    listed(summaries) {
        this.learnChats(summaries);
        this.state.isLoaded = true;
        this.note(null, "reset");
        super.listed(summaries);
        const count = this.rest.chat("GET", "/unread-count");
        count.then((found) => this.setUnreadTotal(found.count), () => {}); // the next frame shows it as well
    }

    /** @override @protected @param {Frame[]} frames @param {Frame} page */
    caughtUp(frames, page) {
        this.learnChats(page.chats);
        super.caughtUp(frames, page);
    }

    /** @override @protected */
    forgetPerson() {
        this.pending.forget();
        this.state.isLoaded = false;
        this.state.unreadTotal = null;
        this.#asked.clear();
        this.people.clear();
        super.forgetPerson();
    }

    // Changes for the caller.

    /** @param {import("./types.js").Change} change */
    #publish(change) {
        this.emitter.emit("change", change);
        if (change.chatId !== null) this.emitter.emit(change.chatId, change);
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
