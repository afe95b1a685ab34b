/**
 * One socket for all tabs of a person. The tab that holds a Web Lock leads: it owns the socket, and repeats its frames to the
 * others. Each tab keeps its own state, outbox and cursor: to the others frames are hints, and a lost one is a gap that heals.
 */

/** @import { Frame, StopReason } from "./types.js" */
/** @import { LinkHandlers, LinkInfo, LinkOptions } from "./connection.js" */
import { Connection } from "./connection.js";

/**
 * What tabs send to each other.
 * @typedef {object} Note
 * @property {string} to a tab, or one of the names below
 * @property {string} kind
 * @property {LinkInfo} [info]
 * @property {Frame} [frame]
 * @property {string} [text]
 * @property {string} [from] the tab that asks
 */
const ALL = "all";
const LEADER = "leader";

export class SharedSocket {
    /** @type {LinkInfo} */
    info = { state: "disconnected", reason: null, attempts: 0, retryAt: null };
    /** @type {Connection | null} */
    #connection = null;
    /** @type {BroadcastChannel | null} */
    #channel = null;
    /** Of the last socket, for tabs that come later. @type {Frame | undefined} */
    #greeting;
    /** Ends the candidacy. @type {AbortController | null} */
    #candidacy = null;
    /** Ends the listeners. */
    #lifetime = new AbortController();
    #giveLockBack = () => {};
    #beatAt = 0;
    #tickAt = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #ticking;
    #tab = crypto.randomUUID();
    #name;
    #options;
    #handlers;

    /**
     * @param {string} name of the person, within this origin
     * @param {LinkOptions} options
     * @param {LinkHandlers} handlers
     */
    constructor(name, options, handlers) {
        this.#name = `chatapp:${name}`;
        this.#options = options;
        this.#handlers = handlers;
    }

    /** Whether this tab owns the socket. */
    get isLeader() {
        return this.#connection !== null;
    }

    start() {
        if (this.#channel) return this.retryNow();
        this.#channel = new BroadcastChannel(this.#name);
        this.#channel.onmessage = ({ data }) => this.#receive(data);
        this.#lifetime = new AbortController();
        const { signal } = this.#lifetime;
        const target = this.#options.eventTarget;
        // A frozen page keeps its locks: it gives them back before, and asks again afterwards.
        for (const name of ["freeze", "pagehide"]) target?.addEventListener(name, () => this.#resign(), { signal });
        for (const name of ["resume", "pageshow"]) target?.addEventListener(name, () => this.#candidacy ?? this.#stand(), { signal });
        this.#set({ ...this.info, state: "connecting", reason: null });
        this.#stand();
        this.#beatAt = this.#tickAt = performance.now();
        this.#ticking = setInterval(() => this.#tick(), this.#options.pace.beatEvery);
        return undefined;
    }

    /** @param {StopReason | null} [reason] */
    stop(reason = null) {
        this.#lifetime.abort();
        clearInterval(this.#ticking);
        this.#resign();
        this.#channel?.close();
        this.#channel = null;
        this.#change({ ...this.info, state: reason ? "stopped" : "disconnected", reason, retryAt: null });
    }

    retryNow() {
        if (this.#connection) this.#connection.start();
        else this.#post({ to: LEADER, kind: "retry" });
    }

    /** @param {string} text */
    send(text) {
        if (this.#connection) return this.#connection.send(text);
        if (this.info.state !== "open") return false;
        this.#post({ to: LEADER, kind: "send", text });
        return true;
    }

    /** Ask for the lock, and the leader for its state: what it said before, this tab may not have received. @param {boolean} [steal] take it from a leader that shows no life */
    #stand(steal = false) {
        this.#candidacy?.abort();
        const candidacy = new AbortController();
        const { signal } = candidacy;
        this.#candidacy = candidacy;
        const lead = () => (signal.aborted ? undefined : this.#lead());
        // A lock cannot be stolen with a signal.
        navigator.locks.request(this.#name, steal ? { steal } : { signal }, lead).catch(() => {
            if (this.#candidacy !== candidacy) return;
            this.#abdicate(); // robbed: the thief has a socket by now
            this.#stand();
        });
        this.#post({ to: LEADER, kind: "hello", from: this.#tab });
    }

    #lead() {
        const { onConnected, onFrame, onPoll, onLost } = this.#handlers;
        const connection = new Connection(this.#options, {
            onState: () => this.#connection === connection && this.#set(connection.info),
            onConnected: (frame) => {
                const { cursor, ...greeting } = frame; // the others have cursors of their own
                this.#greeting = /** @type {Frame} */ (greeting);
                this.#post({ to: ALL, kind: "connected", frame: this.#greeting });
                onConnected(frame);
            },
            onFrame: (frame) => {
                this.#post({ to: ALL, kind: "frame", frame });
                onFrame(frame);
            },
            onPoll: () => {
                this.#post({ to: ALL, kind: "poll" });
                onPoll();
            },
            onLost,
        });
        this.#connection = connection;
        connection.start();
        return /** @type {Promise<void>} */ (new Promise((resolve) => (this.#giveLockBack = resolve)));
    }

    /** Hand the lead over, if this tab has it, and do not stand. */
    #resign() {
        this.#candidacy?.abort();
        this.#candidacy = null;
        if (!this.#connection) return;
        this.#abdicate();
        this.#set({ ...this.info, state: "connecting" });
        this.#post({ to: ALL, kind: "state", info: this.info });
        this.#giveLockBack();
    }

    /** Close the socket without a word to the other tabs. */
    #abdicate() {
        const connection = this.#connection;
        this.#connection = null;
        connection?.stop();
    }

    #tick() {
        const { beatEvery, stealAfter } = this.#options.pace;
        const now = performance.now();
        const hasSlept = now - this.#tickAt > 2 * beatEvery;
        this.#tickAt = now;
        if (this.#connection) return this.#post({ to: ALL, kind: "beat" });
        if (hasSlept) this.#beatAt = now; // this tab was asleep, not the leader
        const isVisible = typeof document === "undefined" || !document.hidden;
        if (!this.#candidacy || !isVisible || now - this.#beatAt < stealAfter) return undefined;
        this.#beatAt = now;
        return this.#stand(true);
    }

    /** @param {Note} note */
    #receive({ to, kind, info, frame, text, from }) {
        const connection = this.#connection;
        if (connection && to === LEADER) {
            if (kind === "send" && text) connection.send(text);
            if (kind === "retry") connection.start();
            if (kind === "hello" && from) this.#post({ to: from, kind: "state", info: this.info, frame: this.#greeting });
        }
        // A leader ignores one that was robbed and does not know yet.
        if (connection || (to !== ALL && to !== this.#tab)) return;
        this.#beatAt = performance.now();
        if (info) this.#change(info);
        if (kind === "poll") this.#handlers.onPoll();
        if (!frame) return;
        if (kind === "frame") this.#handlers.onFrame(frame);
        else if (this.info.state === "open") this.#handlers.onConnected(frame);
    }

    /** Take over the state of a leader. @param {LinkInfo} info */
    #change(info) {
        const wasOpen = this.info.state === "open";
        this.info = info;
        if (wasOpen && info.state !== "open") this.#handlers.onLost();
        this.#handlers.onState();
    }

    /** @param {LinkInfo} info */
    #set(info) {
        this.info = info;
        if (this.#connection) this.#post({ to: ALL, kind: "state", info });
        this.#handlers.onState();
    }

    /** @param {Note} note */
    #post(note) {
        this.#channel?.postMessage(note);
    }
}
