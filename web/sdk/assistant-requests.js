/** Requests about the session of a visitor, and where an anonymous visitor's session is kept. */

/** @import { AssistantItem, AssistantMessage, AssistantOptions, AssistantSession } from "./assistant-types.js" */
/** @import { Rest } from "./rest.js" */
import { RefusedError } from "./errors.js";

const STORED = "chatapp:assistant";

/** @typedef {{ messages: AssistantMessage[], session_id: string, has_more: boolean }} Page */

export class AssistantRequests {
    /** The signed id of an anonymous visitor, or the id of an account's session; "" without a session. */
    sessionId = "";
    #rest;
    #storage;
    #root;

    /** @param {AssistantOptions} options @param {Rest} rest */
    constructor({ getToken, useCookies = false, storage }, rest) {
        this.isAnonymous = !getToken && !useCookies;
        this.#storage = storage === undefined ? localStorageOrNull() : storage;
        this.#rest = rest;
        this.#root = useCookies ? "/api/v2/assistant" : "/api";
    }

    /** Whether a socket can be opened: that of an anonymous visitor belongs to a session. */
    get canConnect() {
        return !this.isAnonymous || this.sessionId !== "";
    }

    /** The URL of one socket. */
    async address() {
        const url = `${this.#rest.baseUrl.replace(/^http/, "ws")}/api/chat/ws`;
        if (this.isAnonymous) return `${url}?session_id=${encodeURIComponent(this.sessionId)}`;
        return `${url}?ticket=${await this.#rest.ticket()}`;
    }

    /** @param {AssistantItem | null} item @returns {Promise<AssistantSession>} */
    open(item) {
        return this.#call("POST", `${this.#root}/sessions`, { body: item ? { item } : {} });
    }

    /** The session to go on with; null if there is none. With an account also what was opened without one: it is claimed. @param {string} [sessionId] @returns {Promise<AssistantSession | null>} */
    async find(sessionId) {
        const stored = sessionId ?? this.#storage?.getItem(STORED);
        try {
            if (this.isAnonymous && stored) {
                const [bare] = stored.split(".");
                this.sessionId = stored;
                const session = await this.session("GET");
                const signed = await this.#call("POST", `${this.#root}/sessions/sign`, { body: { session_id: bare } });
                return session.ended_at ? null : { ...session, ...signed, expires_at: session.expires_at };
            }
            if (this.isAnonymous) return null;
            if (sessionId) return await this.#call("GET", `${this.#root}/sessions/${sessionId}`);
            if (stored) return await this.claim();
            const [last] = (await this.list({ limit: 1 })).sessions;
            return last && !last.ended_at ? last : null;
        } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
            this.forget(); // it has expired, or belongs to an account
            return stored && !this.isAnonymous && !sessionId ? this.find() : null;
        }
    }

    /** @param {{ before?: string, limit?: number }} [query] @returns {Promise<{ sessions: AssistantSession[], has_more: boolean }>} */
    list(query) {
        return this.#call("GET", `${this.#root}/sessions`, { query });
    }

    /** The anonymous session of this browser becomes the account's. @returns {Promise<AssistantSession>} */
    async claim() {
        const signed = this.#storage?.getItem(STORED) ?? this.sessionId;
        const [bare] = signed.split(".");
        const path = `${this.#root}/sessions/${bare}/claim`;
        const session = await this.#call("POST", path, { headers: { "X-Session-ID": signed } });
        this.forget();
        return session;
    }

    /** From now on requests are about this session. @param {AssistantSession} session */
    use(session) {
        this.sessionId = this.isAnonymous ? session.signed_session_id ?? this.sessionId : session.session_id;
        if (!this.isAnonymous) return;
        try {
            this.#storage?.setItem(STORED, this.sessionId);
        } catch {
            // Without room in the storage the session lives as long as the page.
        }
    }

    forget() {
        this.sessionId = "";
        this.#storage?.removeItem(STORED);
    }

    /** A request about the session itself. @param {string} method @param {string} [path] @param {unknown} [body] @returns {Promise<any>} */
    session(method, path = "", body) {
        const [bare] = this.sessionId.split(".");
        return this.#call(method, `${this.#root}/sessions/${bare}${path}`, { body, headers: this.#headers() });
    }

    /** A request about its messages. @param {string} method @param {string} path @param {Record<string, unknown>} [body] @returns {Promise<any>} */
    message(method, path, body = {}) {
        return this.#call(method, `${this.#root}/chat/messages${path}`, { body, headers: this.#headers() });
    }

    /** The newest messages, or those before one. @param {{ before?: string, limit?: number }} query @param {AbortSignal} [signal] @returns {Promise<Page>} */
    history(query, signal) {
        return this.#call("GET", `${this.#root}/chat/messages`, { query, signal, headers: this.#headers() });
    }

    /** Messages after one. @param {string} messageId @returns {Promise<Page>} */
    after(messageId) {
        const query = { after_id: messageId };
        return this.#call("GET", `${this.#root}/chat/messages/after`, { query, headers: this.#headers() });
    }

    #headers() {
        return { "X-Session-ID": this.sessionId };
    }

    /** @param {string} method @param {string} path @param {import("./rest.js").RequestOptions} [options] */
    #call(method, path, options) {
        return this.#rest.call(method, path, { ...options, isBare: true });
    }
}

/** Reading the property throws where a page may not store anything. @returns {Storage | null} */
function localStorageOrNull() {
    try {
        return globalThis.localStorage ?? null;
    } catch {
        return null;
    }
}
