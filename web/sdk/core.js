/**
 * The core of the SDK, for programs and for pages that keep what they show themselves (docs/sdk.md): messages and changes arrive
 * once, commands are executed once. Without what `ChatClient` has for user interfaces.
 */

/** @import { ConnectionInfo, ConnectionOptions, Events, Frame, Message } from "./types.js" */
/** @import { RequestOptions } from "./rest.js" */
import { Connection } from "./connection.js";
import { Delivery, socketAddress } from "./delivery.js";
import { platformOf } from "./platform.js";
import { Tokens } from "./tokens.js";

export { ChatError, ClosedError, RefusedError, UnansweredError, UnauthorizedError } from "./errors.js";

/** The chats of one person, as frames and commands. */
export class ChatCore {
    #delivery;

    /** @param {ConnectionOptions} options */
    constructor({ getToken, ...options }) {
        const { rest, socket } = platformOf(options, new Tokens(getToken));
        this.#delivery = new Delivery(rest, socket.pace, (handlers) => new Connection({ ...socket, address: () => socketAddress(rest) }, handlers));
    }

    /** My id; null until known. */
    get me() {
        return this.#delivery.me;
    }

    /** The state of the connection; a new object after each event `connection`. @returns {ConnectionInfo} */
    get connection() {
        return this.#delivery.status.info;
    }

    /** Open a socket, keep it open, catch up, send what is unanswered. Again after it stopped. */
    connect() {
        this.#delivery.connect();
    }

    /** Close. What is unanswered is kept in memory, and sent after the next `connect`. */
    disconnect() {
        this.#delivery.stop();
    }

    [Symbol.dispose]() {
        this.disconnect();
    }

    /**
     * Call a function on each event; returns what ends it. Names are those of `Events` and of the server's frames.
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
        return this.#delivery.emitter.on(name, listener, options);
    }

    /**
     * Send a message; those of a chat are sent one after the other. Rejects with `RefusedError`, never for the network.
     * @param {Record<string, any>} body as of `POST /messages` (docs/rest.md)
     * @param {string} [key] idempotency key, to repeat it safely
     * @returns {Promise<Message>}
     */
    send(body, key) {
        return this.#delivery.send(body, key);
    }

    /**
     * Execute another command, in the order of the chat's messages. Rejects as `send` does.
     * @param {"edit" | "delete" | "hide" | "react" | "unreact" | "pinMessage" | "unpinMessage" | "star" | "unstar"} kind
     * @param {number} chatId
     * @param {number} messageId
     * @param {Record<string, any>} [body] as of its route (docs/rest.md)
     * @returns {Promise<any>}
     */
    change(kind, chatId, messageId, body) {
        return this.#delivery.command(kind, { lane: `chat ${chatId}`, chatId, messageId, body });
    }

    /**
     * Make a request, once; rejects with `UnansweredError` as well.
     * @param {string} method
     * @param {string} path below `/api/v1/marketplace/chat`
     * @param {RequestOptions} [options]
     * @returns {Promise<any>}
     */
    call(method, path, options) {
        return this.#delivery.rest.chat(method, path, options);
    }

    /** The messages of a chat that have arrived, oldest first. @param {number} chatId @returns {Message[]} */
    messages(chatId) {
        const chat = this.#delivery.store.chats.get(chatId);
        return chat ? chat.ordered().map((message) => chat.shown(message)) : [];
    }

    /** Forget the messages of a chat, to bound memory: they are no news when they are read again. @param {number} chatId */
    forget(chatId) {
        this.#delivery.store.chats.get(chatId)?.trim(0);
    }
}
