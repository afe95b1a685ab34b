/** One visitor's session with the shop's assistant, with or without an account. */

/** @import { ConnectionInfo, Frame } from "./types.js" */
import { AssistantRequests } from "./assistant-requests.js";
import { AssistantState } from "./assistant-state.js";
import { BackOff } from "./backoff.js";
import { Connection } from "./connection.js";
import { Cookies } from "./cookies.js";
import { Emitter } from "./emitter.js";
import { RefusedError, requestedWait } from "./errors.js";
import { platformOf } from "./platform.js";
import { Status } from "./status.js";
import { Tokens } from "./tokens.js";

const PAGE = 50;

/**
 * Types, for JSDoc.
 * @typedef {import("./assistant-types.js").Answer} Answer
 * @typedef {import("./assistant-types.js").AssistantChange} AssistantChange
 * @typedef {import("./assistant-types.js").AssistantEvents} AssistantEvents
 * @typedef {import("./assistant-types.js").AssistantItem} AssistantItem
 * @typedef {import("./assistant-types.js").AssistantMessage} AssistantMessage
 * @typedef {import("./assistant-types.js").AssistantOptions} AssistantOptions
 * @typedef {import("./assistant-types.js").AssistantPending} AssistantPending
 * @typedef {import("./assistant-types.js").AssistantSession} AssistantSession
 */

export class AssistantClient {
    #emitter = new Emitter();
    /** @type {Map<string, AssistantPending & { item?: AssistantItem | null }>} */
    #pending = new Map();
    /** Kinds and messages that changed in this task. @type {{ kinds: Set<any>, messageIds: Set<string> } | null} */
    #changes = null;
    /** Questions are sent one after the other. @type {Promise<unknown>} */
    #queue = Promise.resolve();
    /** @type {Promise<AssistantSession> | null} */
    #opening = null;
    #isConnected = false;
    #isComplete = false;
    #typedAt = -Infinity;
    #item;
    #pace;
    #requests;
    #state;
    #link;
    #status;

    /** @param {AssistantOptions} [options] */
    constructor(options = {}) {
        const credentials = options.useCookies ? new Cookies() : new Tokens(options.getToken ?? (() => null));
        const { rest, socket } = platformOf(options, credentials);
        this.#pace = socket.pace;
        this.#item = options.item ?? null;
        this.#requests = new AssistantRequests(options, rest);
        this.#state = new AssistantState((kind, messageId) => this.#note(kind, messageId));
        const client = this;
        this.#link = new Connection({ ...socket, address: () => this.#requests.address() }, {
            onState: () => this.#stateChanged(),
            onConnected: () => this.#resumeFrame(),
            onFrame: (frame) => this.#receive(frame),
            onLost: () => this.#lost(),
            onPoll: () => void this.#poll(),
        });
        this.#status = new Status(this.#link, { get isComplete() { return client.#isComplete; } });
    }

    get session() {
        return this.#state.session;
    }

    /** Oldest first. */
    get messages() {
        return this.#state.messages;
    }

    get hasOlder() {
        return this.#state.hasOlder;
    }

    /** Questions that the server has not answered, or has refused. */
    get pending() {
        return [...this.#pending.values()];
    }

    /** The answer on its way; null if there is none. */
    get answer() {
        return this.#state.answer;
    }

    get isHumanTyping() {
        return this.#state.isHumanTyping;
    }

    /** The state of the connection; a new object after each event `connection`. @returns {ConnectionInfo} */
    get connection() {
        return this.#status.info;
    }

    /**
     * Call a function on each event; returns what ends it.
     * @template {keyof AssistantEvents} N
     * @param {N} name
     * @param {(event: AssistantEvents[N]) => void} listener
     * @param {{ signal?: AbortSignal }} [options]
     */
    on(name, listener, options) {
        return this.#emitter.on(name, listener, options);
    }

    /**
     * Begin a new session. Nothing is stored before the first message.
     * @param {{ item?: AssistantItem | null }} [options]
     * @returns {Promise<AssistantSession>}
     */
    open({ item = this.#item } = {}) {
        this.#opening ??= this.#requests.open(item).then((session) => this.#show(session)).finally(() => {
            this.#opening = null;
        });
        return this.#opening;
    }

    /**
     * Go on with a session; false if there is none that is mine.
     * @param {string} [sessionId] by default the last one: of the account, or of this browser
     */
    async resume(sessionId) {
        const session = await this.#requests.find(sessionId);
        if (!session) return false;
        this.#show(session);
        await this.loadOlder();
        return true;
    }

    /** Sessions of the account, newest first. @param {{ before?: string, limit?: number }} [query] @returns {Promise<{ sessions: AssistantSession[], has_more: boolean }>} */
    list(query) {
        return this.#requests.list(query);
    }

    /** End the session: no message follows. */
    async end() {
        await this.#requests.session("DELETE");
        this.#requests.forget();
        this.#state.update({ ended_at: new Date().toISOString() });
    }

    /** After log-in: the session that was opened without an account becomes the account's. @returns {Promise<AssistantSession>} */
    async claim() {
        return this.#show(await this.#requests.claim());
    }

    /**
     * Ask; opens a session if there is none. The question is in `pending` at once.
     * @param {string} content
     * @param {{ item?: AssistantItem | null, key?: string }} [options]
     * @returns {{ key: string, sent: Promise<AssistantMessage> }}
     */
    ask(content, { item = this.#item, key = crypto.randomUUID() } = {}) {
        this.#pending.set(key, { key, content, item, created_at: new Date().toISOString(), state: "sending", error: null });
        this.#note("pending");
        const sent = this.#queue.then(() => this.#send(key));
        this.#queue = sent.catch(() => {});
        return { key, sent };
    }

    /** Send a refused question once more, with its key. @param {string} key */
    retry(key) {
        const entry = this.#pending.get(key);
        if (entry?.state === "refused") this.ask(entry.content, entry);
    }

    /** Forget a question that was refused. @param {string} key */
    discard(key) {
        if (this.#pending.get(key)?.state === "refused") this.#settle(key);
    }

    /** Stop the answer: what was said so far becomes a message. */
    async stop() {
        await this.#requests.session("POST", "/stop");
    }

    /** Answer the same question once more; the answer is a further message. @param {string} messageId */
    async regenerate(messageId) {
        await this.#requests.message("POST", `/${messageId}/regenerate`);
    }

    /** Say whether an answer helped; a second rating replaces the first. @param {string} messageId @param {"up" | "down"} rating @param {string} [reason] */
    async feedback(messageId, rating, reason = "") {
        await this.#requests.message("POST", `/${messageId}/feedback`, { rating, reason });
    }

    /** Ask for a human; or, as that human, accept. @param {string} [reason] @returns {Promise<AssistantSession>} */
    async handOver(reason = "") {
        return this.#updated(await this.#requests.session("POST", "/handover", { reason }));
    }

    /** Give the session back to the assistant. @returns {Promise<AssistantSession>} */
    async release() {
        return this.#updated(await this.#requests.session("POST", "/release"));
    }

    /** A key was pressed: a human sees that I am typing. Called as often as you like. */
    typing() {
        const now = performance.now();
        if (!this.session || now - this.#typedAt < this.#pace.typingEvery) return;
        this.#typedAt = now;
        this.#link.send(JSON.stringify({ type: "typing", session_id: this.#requests.sessionId, is_typing: true }));
    }

    /** Read older messages; returns whether there was something to read. @param {{ limit?: number, signal?: AbortSignal }} [options] */
    async loadOlder({ limit = PAGE, signal } = {}) {
        if (!this.session || !this.hasOlder) return false;
        const page = await this.#requests.history({ before: this.messages[0]?.id, limit }, signal);
        if (page.session_id !== this.session?.session_id) return false;
        this.#state.hasOlder = page.has_more;
        this.#learn(page.messages);
        return true;
    }

    /** Open a socket and keep it open, once there is a session. */
    connect() {
        this.#isConnected = true;
        if (this.#requests.canConnect) this.#link.start();
    }

    disconnect() {
        this.#isConnected = false;
        this.#link.stop();
    }

    [Symbol.dispose]() {
        this.disconnect();
    }

    /** @param {AssistantSession} session */
    #show(session) {
        this.#requests.use(session);
        this.#state.reset(session);
        if (!this.#isConnected) return session;
        if (this.#requests.isAnonymous) this.#link.stop(); // the socket of a visitor belongs to one session
        if (this.#link.info.state === "open") this.#resumeFrame();
        else this.#link.start();
        return session;
    }

    /** @param {string} key @returns {Promise<AssistantMessage>} */
    async #send(key) {
        const entry = this.#pending.get(key);
        const backoff = new BackOff(this.#pace.retryFirst, this.#pace.retryMost);
        for (;;) {
            try {
                // A new session that is being opened is the one that the question belongs to.
                if (this.#opening || !this.session || this.session.ended_at) await this.open({ item: entry?.item });
                const asked = this.session?.session_id;
                const body = { content: entry?.content, client_message_id: key, item: entry?.item };
                const { message } = await this.#requests.message("POST", "", body);
                this.#learn([message], asked);
                this.#settle(key);
                if (this.#link.info.state !== "open") void this.#poll();
                return message;
            } catch (error) {
                if (error instanceof RefusedError) {
                    if (entry) this.#pending.set(key, { ...entry, state: "refused", error });
                    this.#note("pending");
                    throw error;
                }
                await new Promise((resolve) => setTimeout(resolve, backoff.next(requestedWait(error))));
            }
        }
    }

    /** @param {string} key */
    #settle(key) {
        if (this.#pending.delete(key)) this.#note("pending");
    }

    /** @param {AssistantMessage[]} messages @param {string} [sessionId] theirs; another one may be shown by now */
    #learn(messages, sessionId = this.session?.session_id) {
        if (sessionId !== this.session?.session_id) return;
        for (const message of messages) {
            this.#state.put(message);
            if (message.client_message_id) this.#settle(message.client_message_id);
        }
    }

    /** @param {AssistantSession} session */
    #updated(session) {
        this.#state.update(session);
        return session;
    }

    #resumeFrame() {
        if (!this.session) return;
        const after = this.messages.at(-1)?.id;
        const frame = { type: "resume", session_id: this.#requests.sessionId, ...(after && { after_id: after }), limit: 100 };
        this.#link.send(JSON.stringify(frame));
    }

    /** @param {Frame} frame */
    #receive(frame) {
        if (frame.session_id && frame.session_id !== this.session?.session_id) return; // another session of the account
        if (frame.type === "resumed") {
            this.#learn(frame.messages);
            if (frame.has_more) return this.#resumeFrame();
            if (!frame.is_answering) this.#state.endAnswer();
            this.#isComplete = true;
            return this.#stateChanged();
        }
        if (frame.message?.client_message_id) this.#settle(frame.message.client_message_id);
        const isAnswer = this.#state.apply(frame);
        if (frame.type === "assistant.delta") this.#emitter.emit("delta", frame);
        if (isAnswer) this.#emitter.emit("answer", { message: frame.message });
    }

    #lost() {
        this.#isComplete = false;
        this.#status.lost();
    }

    /** Ask for messages while there is no socket. */
    async #poll() {
        const after = this.messages.at(-1)?.id;
        if (!this.session) return;
        try {
            const page = after ? await this.#requests.after(after) : await this.#requests.history({ limit: PAGE });
            this.#learn(page.messages, page.session_id);
        } catch (error) {
            if (error instanceof RefusedError) this.#link.stop("refused");
        }
    }

    #stateChanged() {
        if (this.#status?.update()) this.#emitter.emit("connection", this.#status.info);
    }

    /** @param {string} kind @param {string} [messageId] */
    #note(kind, messageId) {
        if (!this.#changes) {
            this.#changes = { kinds: new Set(), messageIds: new Set() };
            queueMicrotask(() => {
                const change = this.#changes;
                this.#changes = null;
                this.#emitter.emit("change", change);
            });
        }
        this.#changes.kinds.add(kind);
        if (messageId) this.#changes.messageIds.add(messageId);
    }
}
