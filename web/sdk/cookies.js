/** Credentials: the cookies of the browser dialect, with a CSRF token for each write. */

/** @import { Rest } from "./rest.js" */
import { RefusedError } from "./errors.js";

const READS = ["GET", "HEAD"];
const REFRESH_LOCK = "chatapp:refresh";

/** @implements {Credentials} @typedef {import("./rest.js").Credentials} Credentials */
export class Cookies {
    areCookies = true;
    paths = {
        chat: "/api/v2/marketplace/chat",
        social: "/api/v2/chat",
        auth: "/api/v2/auth",
        ticket: "/api/v2/ws-ticket",
    };
    /** @type {Promise<string> | null} */
    #csrf = null;

    /** The next write asks for a CSRF token. */
    forget() {
        this.#csrf = null;
    }

    /** A CSRF token came with another response. @param {string} token */
    setCsrf(token) {
        this.#csrf = Promise.resolve(token);
    }

    /** @param {string} method @param {Rest} rest @returns {Promise<Record<string, string>>} */
    async headers(method, rest) {
        if (READS.includes(method)) return {};
        this.#csrf ??= this.#readCsrf(rest);
        return { "X-CSRF-Token": await this.#csrf };
    }

    /** A refresh token works once: one tab refreshes, the others wait, and try with the cookies that it got. @param {Rest} rest @returns {Promise<boolean>} */
    async renew(rest) {
        const locks = globalThis.navigator?.locks;
        if (!locks) return this.#refresh(rest);
        const outcome = await locks.request(REFRESH_LOCK, { ifAvailable: true }, (lock) => (lock ? this.#refresh(rest) : null));
        return outcome ?? locks.request(REFRESH_LOCK, async () => true);
    }

    /** @param {Rest} rest @returns {Promise<boolean>} */
    async #refresh(rest) {
        try {
            const refreshed = await rest.call("POST", `${this.paths.auth}/refresh`, { isBare: true, isLogIn: true });
            this.setCsrf(refreshed.csrf_token);
            return true;
        } catch (error) {
            if (error instanceof RefusedError) return false;
            throw error;
        }
    }

    /** @param {Rest} rest @returns {Promise<string>} */
    async #readCsrf(rest) {
        try {
            return (await rest.call("GET", "/api/v2/csrf", { isBare: true, isLogIn: true })).csrf_token;
        } catch (error) {
            this.forget();
            throw error;
        }
    }
}
