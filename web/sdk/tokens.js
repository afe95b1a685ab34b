/** Credentials: the access tokens of the caller. */

import { ChatError, UnansweredError } from "./errors.js";

/** @implements {Credentials} @typedef {import("./rest.js").Credentials} Credentials */
export class Tokens {
    areCookies = false;
    paths = {
        chat: "/api/v1/marketplace/chat",
        social: "/api/v1/chat",
        auth: "/api/v1/auth",
        ticket: "/api/v1/marketplace/chat/ws-ticket",
    };
    /** @type {Promise<string | null> | null} */
    #token = null;
    #getToken;

    /** @param {() => string | null | Promise<string | null>} getToken null is no log-in */
    constructor(getToken) {
        this.#getToken = getToken;
    }

    forget() {
        this.#token = null;
    }

    /** @returns {Promise<Record<string, string>>} */
    async headers() {
        this.#token ??= this.#ask();
        const token = await this.#token;
        return token ? { Authorization: `Bearer ${token}` } : {};
    }

    async renew() {
        const used = await this.#token;
        this.#token = this.#ask();
        return (await this.#token) !== used;
    }

    async #ask() {
        try {
            return await this.#getToken();
        } catch (error) {
            this.#token = null;
            throw error instanceof ChatError ? error : new UnansweredError(`getToken: ${error}`);
        }
    }
}
