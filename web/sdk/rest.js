/** HTTP requests, with three outcomes: answered, refused, unanswered. */

/** @import { Pace } from "./pace.js" */
import { RefusedError, UnansweredError, UnauthorizedError } from "./errors.js";

/**
 * @typedef {object} RequestOptions
 * @property {unknown} [body] sent as JSON; FormData as it is
 * @property {Record<string, string | number | boolean | undefined>} [query] undefined values are left out
 * @property {string} [key] idempotency key
 * @property {AbortSignal} [signal]
 * @property {boolean} [isBare] the response has no envelope
 * @property {boolean} [isLogIn] a 401 does not mean that the log-in has ended
 * @property {Record<string, string>} [headers] further ones
 * @property {boolean} [keepalive] the request outlives the page
 * @property {number} [wait] until the response, in ms
 * @property {Transport} [transport] makes the request instead of fetch
 */

/** @typedef {(url: string, init: RequestInit) => Promise<{ status: number, headers: { get(name: string): string | null }, text(): Promise<string> }>} Transport */

/** @typedef {typeof globalThis.fetch} Fetch */

/** @typedef {{ status: number, body: any, retryAfter: number | null, requestId: string | null }} Answer */

/**
 * What shows who the person is.
 * @typedef {object} Credentials
 * @property {boolean} areCookies
 * @property {{ chat: string, social: string, auth: string, ticket: string }} paths of the routes that accept them
 * @property {(method: string, rest: Rest) => Promise<Record<string, string>>} headers
 * @property {(rest: Rest) => Promise<boolean>} renew get new ones after a 401; false if there are none
 * @property {() => void} forget the next request gets new ones
 * @property {(token: string) => void} [setCsrf] a CSRF token came with another response
 */

const NOT_NOW = [408, 425, 429];
const TOO_LARGE = [413, 414, 431]; // final, also if a proxy says so
/** Nothing is that new: `since` with this time returns only the current cursor. */
const END_OF_TIME = "2100-01-01T00:00:00Z";

export class Rest {
    /** @type {Promise<boolean> | null} */
    #renewing = null;
    /** How often credentials were renewed: a request with older ones is repeated. */
    #renewals = 0;
    #credentials;
    #language;
    #fetch;
    #pace;

    /**
     * @param {object} options
     * @param {string} options.baseUrl
     * @param {Credentials} options.credentials
     * @param {() => string | undefined} [options.language]
     * @param {Fetch} options.fetch
     * @param {Pace} options.pace
     */
    constructor({ baseUrl, credentials, language, fetch, pace }) {
        this.baseUrl = baseUrl.replace(/\/+$/, "");
        this.paths = credentials.paths;
        this.usesCookies = credentials.areCookies;
        this.#credentials = credentials;
        this.#language = language;
        this.#fetch = fetch;
        this.#pace = pace;
    }

    /** The next request gets a new token. */
    forgetToken() {
        this.#credentials.forget();
    }

    /** A CSRF token that came with another response. @param {string} token */
    setCsrf(token) {
        this.#credentials.setCsrf?.(token);
    }

    /** A ticket for one socket. @returns {Promise<string>} */
    async ticket() {
        return (await this.call("POST", this.paths.ticket, { isBare: this.usesCookies })).ticket;
    }

    /** The current cursor. @returns {Promise<string>} */
    async currentCursor() {
        return (await this.chat("GET", "/messages/since", { query: { since: END_OF_TIME } })).cursor;
    }

    /** Call a route of the chats. @param {string} method @param {string} path @param {RequestOptions} [options] */
    chat(method, path, options) {
        return this.call(method, this.paths.chat + path, options);
    }

    /**
     * Make a request; returns the data of the response.
     * @param {string} method
     * @param {string} path
     * @param {RequestOptions} [options]
     * @returns {Promise<any>}
     * @throws {RefusedError} a permanent 4xx
     * @throws {UnauthorizedError} 401, also with new credentials
     * @throws {UnansweredError} no response, a 5xx, a temporary 4xx, or a response that is not chatapp's
     */
    async call(method, path, options = {}) {
        let renewals = this.#renewals;
        let answer = await this.#send(method, path, options);
        // Twice, since the first time another tab may have renewed them, for an earlier log-in.
        for (let repeats = 0; answer.status === 401 && !options.isLogIn && repeats < 2; repeats++) {
            if (renewals === this.#renewals && !(await this.#renew())) break;
            renewals = this.#renewals;
            answer = await this.#send(method, path, options);
        }
        if (answer.status === 403 && this.usesCookies && /csrf$/i.test(codeOf(answer.body) ?? "")) {
            this.forgetToken();
            answer = await this.#send(method, path, options);
        }
        return dataOf(answer, options.isBare ?? false);
    }

    /** @param {string} method @param {string} path @param {RequestOptions} options @returns {Promise<Answer>} */
    async #send(method, path, { body, query = {}, key, headers: more, signal, keepalive, wait = this.#pace.restWait, transport = this.#fetch }) {
        const url = new URL(this.baseUrl + path);
        for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
        const isForm = body instanceof FormData;
        const headers = { ...(await this.#headers(method)), ...more };
        if (key) headers["Idempotency-Key"] = key;
        if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
        const timeout = AbortSignal.timeout(wait);
        try {
            const response = await transport(url.href, {
                method,
                headers,
                body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
                credentials: this.usesCookies ? "same-origin" : "omit",
                keepalive,
                signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
            });
            const text = await response.text();
            return {
                status: response.status,
                body: parsed(text),
                retryAfter: secondsOf(response.headers.get("Retry-After")),
                requestId: response.headers.get("X-Request-ID"),
            };
        } catch (error) {
            signal?.throwIfAborted();
            throw new UnansweredError(`${method} ${path}: ${error instanceof Error ? error.message : error}`);
        }
    }

    /** @param {string} method */
    async #headers(method) {
        /** @type {Record<string, string>} */
        const headers = { Accept: "application/json" };
        const language = this.#language?.();
        if (language) headers["Accept-Language"] = language;
        return { ...headers, ...(await this.#credentials.headers(method, this)) };
    }

    /** Get new credentials, once for all requests that need them; false if there are none. */
    #renew() {
        this.#renewing ??= this.#credentials.renew(this).finally(() => {
            this.#renewing = null;
            this.#renewals++;
        });
        return this.#renewing;
    }
}

/** @param {Answer} answer @param {boolean} isBare */
function dataOf({ status, body, retryAfter, requestId }, isBare) {
    const isSuccess = status >= 200 && status < 300;
    if (isSuccess && (isBare ? body !== undefined : body?.success)) return isBare ? body : body.data;
    const code = codeOf(body);
    if (isSuccess || status >= 500 || NOT_NOW.includes(status) || (!code && !TOO_LARGE.includes(status))) {
        throw new UnansweredError(body?.message ?? `HTTP ${status}`, retryAfter, status);
    }
    const refusal = status === 401 ? UnauthorizedError : RefusedError;
    const fields = body?.details ?? body?.fields ?? body?.error?.details ?? {};
    throw new refusal(code ?? `http.${status}`, body?.message, status, fields, body?.request_id ?? requestId);
}

/** The code of a refusal, in the shape of any dialect. @param {any} body @returns {string | undefined} */
function codeOf(body) {
    const error = body?.error;
    return typeof error === "string" ? error : error?.code;
}

/** @param {string} text @returns {any} undefined if it is no object or list of JSON, nor null */
function parsed(text) {
    try {
        const body = JSON.parse(text);
        return typeof body === "object" ? body : undefined;
    } catch {
        return undefined;
    }
}

/** Seconds of `Retry-After`; dates are ignored. @param {string | null} header */
function secondsOf(header) {
    return header && /^\d+$/.test(header) ? Number(header) : null;
}
