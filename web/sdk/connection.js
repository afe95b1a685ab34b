/** The socket: opened with a ticket, watched, and opened again after it closed. */

/** @import { ConnectionState, Frame, StopReason } from "./types.js" */
/** @import { Pace } from "./pace.js" */
import { BackOff } from "./backoff.js";
import { ABNORMAL, NEW_TOKEN, stopReason } from "./closing.js";
import { RefusedError, UnauthorizedError, requestedWait } from "./errors.js";

/**
 * What is known of a connection, also in other tabs.
 * @typedef {object} LinkInfo
 * @property {Exclude<ConnectionState, "catchingUp" | "live"> | "open"} state
 * @property {StopReason | null} reason
 * @property {number} attempts failures in a row
 * @property {number | null} retryAt in ms since 1970
 */

/**
 * @typedef {object} LinkHandlers
 * @property {() => void} onState the state has changed
 * @property {(frame: Frame) => void} onConnected
 * @property {(frame: Frame) => void} onFrame
 * @property {() => void} onLost the socket closed: what was sent may or may not have arrived
 * @property {() => void} onPoll it is time to ask over HTTP
 */

/**
 * The socket, of this tab or of all tabs.
 * @typedef {object} Link
 * @property {LinkInfo} info
 * @property {boolean} isLeader
 * @property {() => void} start
 * @property {(reason?: StopReason | null) => void} stop
 * @property {() => void} retryNow
 * @property {(frame: string) => boolean} send
 */

/** @typedef {{ address: () => Promise<string>, forgetToken: () => void, WebSocket: typeof WebSocket, pace: Pace, eventTarget: EventTarget | undefined }} LinkOptions */

export class Connection {
    /** @type {LinkInfo} */
    info = { state: "disconnected", reason: null, attempts: 0, retryAt: null };
    /** Whether this tab owns the socket. */
    isLeader = true;
    /** @type {WebSocket | null} */
    #socket = null;
    /** Grows with each attempt: late callbacks of an earlier one are ignored. */
    #attempt = 0;
    #backoff;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #watch;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #polling;
    #openedAt = 0;
    #receivedAt = 0;
    /** When the unanswered ping was sent, and until when it must be answered. */
    #pingedAt = 0;
    #deadAt = Infinity;
    /** @type {AbortController | null} */
    #listening = null;
    #options;
    #handlers;

    /** @param {LinkOptions} options @param {LinkHandlers} handlers */
    constructor(options, handlers) {
        this.#options = options;
        this.#handlers = handlers;
        this.#backoff = new BackOff(options.pace.reconnectFirst, options.pace.reconnectMost);
    }

    /** Open a socket and keep it open. */
    start() {
        if (this.#listening) return this.retryNow();
        this.#listening = new AbortController();
        const { signal } = this.#listening;
        const target = this.#options.eventTarget;
        for (const name of ["online", "pageshow", "resume"]) target?.addEventListener(name, () => this.#awake(), { signal });
        target?.addEventListener("visibilitychange", () => document.hidden || this.#awake(), { signal });
        this.#backoff.succeeded();
        this.#set({ reason: null, attempts: 0 });
        return void this.#open();
    }

    /** Close the socket. @param {StopReason | null} [reason] */
    stop(reason = null) {
        this.#listening?.abort();
        this.#listening = null;
        this.#close();
        clearTimeout(this.#timer);
        this.#stopPolling();
        this.#set({ state: reason ? "stopped" : "disconnected", reason, retryAt: null });
    }

    /** Do not wait for the end of the back-off. */
    retryNow() {
        if (this.info.retryAt !== null) this.#open();
        else if (this.info.state === "stopped") this.start();
    }

    /** Send a frame; false without a socket. True does not mean that it arrives: only an answer does. @param {string} frame */
    send(frame) {
        if (this.info.state !== "open" || this.#socket?.readyState !== 1) return false;
        this.#socket.send(frame);
        return true;
    }

    async #open() {
        const attempt = ++this.#attempt;
        clearTimeout(this.#timer);
        this.#set({ state: this.#polling ? "polling" : "connecting", retryAt: null });
        try {
            const address = await this.#options.address();
            if (attempt !== this.#attempt) return;
            this.#listen(new this.#options.WebSocket(address), attempt);
        } catch (error) {
            if (attempt !== this.#attempt) return;
            if (error instanceof UnauthorizedError) this.stop("unauthorized");
            else if (error instanceof RefusedError) this.stop("refused");
            else this.#wait(requestedWait(error));
        }
    }

    /** @param {WebSocket} socket @param {number} attempt */
    #listen(socket, attempt) {
        this.#socket = socket;
        this.#timer = setTimeout(() => this.#lost(ABNORMAL), this.#options.pace.connectWait);
        socket.onmessage = ({ data }) => {
            if (attempt === this.#attempt) this.#receive(data);
        };
        socket.onclose = ({ code }) => {
            if (attempt === this.#attempt) this.#lost(code);
        };
    }

    /** @param {unknown} data */
    #receive(data) {
        this.#receivedAt = performance.now();
        this.#deadAt = Infinity;
        /** @type {Frame} */
        let frame;
        try {
            frame = JSON.parse(String(data));
        } catch {
            return this.#lost(ABNORMAL); // something on the way speaks for the server
        }
        if (frame.type !== "connected") {
            if (this.info.state === "open") this.#handlers.onFrame(frame);
            return undefined;
        }
        clearTimeout(this.#timer);
        this.#openedAt = this.#receivedAt;
        this.#watch = setInterval(() => this.#check(), this.#options.pace.pingAfter / 2);
        this.#stopPolling();
        this.#set({ state: "open", attempts: 0 });
        return this.#handlers.onConnected(frame);
    }

    /** Ping a silent server, and leave one that does not answer. Timers of hidden tabs may be a minute late. */
    #check() {
        const { pingAfter, pongWait } = this.#options.pace;
        const now = performance.now();
        if (now >= this.#deadAt) return this.#lost(ABNORMAL);
        if (now - this.#receivedAt >= pingAfter && now - this.#pingedAt >= pingAfter) this.#ping(pongWait);
    }

    /** @param {number} wait until the answer, in ms */
    #ping(wait) {
        this.#pingedAt = performance.now();
        this.#deadAt = Math.min(this.#deadAt, this.#pingedAt + wait);
        this.send('{"type":"ping"}');
    }

    /** The device woke up, came online, or shows the page again. */
    #awake() {
        if (this.info.retryAt !== null) return void this.#open();
        if (this.info.state !== "open") return undefined;
        this.#ping(this.#options.pace.probeWait);
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#check(), this.#options.pace.probeWait);
        return undefined;
    }

    /** @param {number} code */
    #lost(code) {
        const wasOpen = this.info.state === "open";
        this.#close();
        clearTimeout(this.#timer);
        if (wasOpen && performance.now() - this.#openedAt >= this.#options.pace.stableAfter) this.#backoff.succeeded();
        const reason = stopReason(code);
        if (code === NEW_TOKEN) this.#options.forgetToken();
        if (reason) this.stop(reason);
        else this.#wait();
    }

    /** @param {number} [atLeast] in ms */
    #wait(atLeast = 0) {
        const { pollAfterFailures, pollEvery } = this.#options.pace;
        const wait = this.#backoff.next(atLeast);
        const attempts = this.info.attempts + 1;
        if (attempts >= pollAfterFailures && !this.#polling) {
            this.#polling = setInterval(() => this.#handlers.onPoll(), pollEvery);
            this.#handlers.onPoll();
        }
        this.#timer = setTimeout(() => this.#open(), wait);
        this.#set({ state: this.#polling ? "polling" : "waiting", attempts, retryAt: Date.now() + wait });
    }

    #close() {
        const socket = this.#socket;
        const wasOpen = this.info.state === "open";
        this.#attempt++;
        this.#socket = null;
        this.#deadAt = Infinity;
        clearInterval(this.#watch);
        socket?.close(1000);
        if (!wasOpen) return;
        this.info = { ...this.info, state: "connecting" };
        this.#handlers.onLost();
    }

    #stopPolling() {
        clearInterval(this.#polling);
        this.#polling = undefined;
    }

    /** @param {Partial<LinkInfo>} changes */
    #set(changes) {
        this.info = { ...this.info, ...changes };
        this.#handlers.onState();
    }
}
