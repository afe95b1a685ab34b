/** The client of one person: the state, and everything that can be done. */

/** @import { Change, ChatClientOptions, ConnectionInfo, Events, Frame } from "./types.js" */
import { Auth } from "./auth.js";
import { Connection } from "./connection.js";
import { Cookies } from "./cookies.js";
import { socketAddress } from "./delivery.js";
import { Engine } from "./engine.js";
import { Groups } from "./groups.js";
import { platformOf } from "./platform.js";
import { Reading } from "./reading.js";
import { SharedSocket } from "./shared-socket.js";
import { Tokens } from "./tokens.js";

const SESSION_CHANNEL = "chatapp:log-in";

/** The chats of one person, kept equal to the server's. */
export class ChatClient extends Reading {
    /** Carries a log-out to the other tabs. @type {BroadcastChannel | null} */
    #tabs = null;
    #isSharing;

    /** @param {ChatClientOptions} [options] */
    constructor(options = {}) {
        const { rest, socket } = platformOf(options, options.getToken ? new Tokens(options.getToken) : new Cookies());
        const link = { ...socket, address: () => socketAddress(rest) };
        const { pace, eventTarget } = socket;
        const canShare = Boolean(globalThis.navigator?.locks && globalThis.BroadcastChannel);
        const share = canShare && (options.shareSocket ?? rest.usesCookies);
        const storage = options.persist === false ? null : globalThis.indexedDB ?? null;
        const engine = new Engine(rest, pace, storage, (handlers) => (
            share ? new SharedSocket(String(share), link, handlers) : new Connection(link, handlers)
        ));
        super(engine, pace, eventTarget);
        this.state = engine.state;
        this.groups = new Groups(engine);
        this.auth = new Auth(rest, () => this.#signOut(), (userId) => engine.setMe(userId));
        this.#isSharing = Boolean(share);
    }

    /** The state of the connection; a new object after each event `connection`. @returns {ConnectionInfo} */
    get connection() {
        return this.engine.status.info;
    }

    /** Open a socket, keep it open, catch up, send what is pending. Again after it stopped. */
    connect() {
        if (this.#isSharing && !this.#tabs) {
            this.#tabs = new BroadcastChannel(SESSION_CHANNEL);
            this.#tabs.onmessage = () => void this.engine.signOut();
        }
        this.engine.connect();
    }

    /** Close. What is unanswered is kept, and sent after the next `connect`. */
    disconnect() {
        this.#tabs?.close();
        this.#tabs = null;
        this.engine.stop();
    }

    [Symbol.dispose]() {
        this.disconnect();
    }

    /**
     * Call a function on each event; returns what ends it. Names are those of `Events` and of the server's frames. A listener
     * that throws is reported by `reportError` and disturbs nothing else.
     * @template {keyof Events} N
     * @overload
     * @param {N} name
     * @param {(event: Events[N]) => void} listener
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {() => void}
     */
    /**
     * @overload
     * @param {string} name
     * @param {(frame: Frame) => void} listener
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {() => void}
     */
    /** @param {string} name @param {(event: any) => void} listener @param {{ signal?: AbortSignal }} [options] */
    on(name, listener, options) {
        return this.engine.emitter.on(name, listener, options);
    }

    /**
     * Call a function on each change of one chat; changes of others cost nothing.
     * @param {number} chatId
     * @param {(change: Change) => void} listener
     * @param {{ signal?: AbortSignal }} [options]
     */
    watch(chatId, listener, options) {
        return this.engine.emitter.on(chatId, listener, options);
    }

    /** The direct chat with a user, created if there is none; returns its id. @param {string} username @returns {Promise<number>} */
    async openDirect(username) {
        const { paths } = this.engine.rest;
        const path = `${paths.social}/conversations/with/${encodeURIComponent(username)}`;
        const conversation = await this.engine.rest.call("GET", path);
        await this.listChats();
        return idOf(conversation.id);
    }

    /** Delete one of my files, for everyone. @param {number} attachmentId @returns {Promise<void>} */
    deleteAttachment(attachmentId) {
        return this.#call("DELETE", `/attachments/${attachmentId}`);
    }

    /** Report a message to the moderators. @param {number} messageId @param {string} reason as in docs/moderation.md @param {string} [text] @returns {Promise<void>} */
    report(messageId, reason, text = "") {
        return this.#call("POST", "/reports", { message_id: messageId, reason, text });
    }

    /** @param {number} warningId @returns {Promise<void>} */
    acknowledgeWarning(warningId) {
        return this.#call("POST", `/warnings/${warningId}/acknowledge`);
    }

    /** Block a user; in each dialect, and in both directions. @param {number} userId @returns {Promise<void>} */
    block(userId) {
        return this.#call("POST", "/blocks", { user_id: userId });
    }

    /** @param {number} userId @returns {Promise<void>} */
    unblock(userId) {
        return this.#call("DELETE", `/blocks/${userId}`);
    }

    /** @param {{ hide_last_seen: boolean }} privacy @returns {Promise<{ hide_last_seen: boolean }>} */
    changePrivacy(privacy) {
        return this.#call("PATCH", "/me/privacy", privacy);
    }

    /** Ask for my data as a ZIP. @returns {Promise<{ id: string, status: string, url?: string, expires_at?: string }>} */
    requestExport() {
        return this.#call("POST", "/exports");
    }

    /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
    #call(method, path, body) {
        return this.engine.rest.chat(method, path, { body });
    }

    async #signOut() {
        this.#tabs?.postMessage("logout");
        await this.engine.signOut();
    }
}

/** The integer in the UUID of a chat: 48 bits before the version, 5 after it (docs/rest.md). @param {string} uuid */
function idOf(uuid) {
    const digits = uuid.replaceAll("-", "");
    const low = parseInt(digits.slice(13, 15), 16) >> 3; // the five bits after the version
    return parseInt(digits.slice(0, 12), 16) * 32 + low;
}
