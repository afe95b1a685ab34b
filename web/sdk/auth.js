/** Log-ins of the browser dialect: the server keeps them in cookies that scripts cannot read. */

/** @import { Account, Me } from "./types.js" */
/** @import { Rest } from "./rest.js" */

export class Auth {
    #rest;
    #onLogOut;
    #onMe;

    /** @param {Rest} rest @param {() => Promise<void>} onLogOut @param {(userId: number) => void} onMe */
    constructor(rest, onLogOut, onMe) {
        this.#rest = rest;
        this.#onLogOut = onLogOut;
        this.#onMe = onMe;
    }

    /**
     * Log in with a username or an email address.
     * @param {string} login
     * @param {string} password
     * @returns {Promise<Account>}
     */
    login(login, password) {
        return this.#enter("login", { login, password });
    }

    /**
     * Create an account, and log in.
     * @param {{ username: string, email: string, password: string, name?: string }} account
     * @returns {Promise<Account>}
     */
    signup(account) {
        return this.#enter("signup", account);
    }

    /** End the log-in in all tabs; forget what is pending, and the state. Also if the server cannot be reached, in this browser. */
    async logout() {
        try {
            await this.#rest.call("POST", `${this.#rest.paths.auth}/logout`, { isBare: this.#rest.usesCookies, isLogIn: true });
        } finally {
            this.#rest.forgetToken();
            await this.#onLogOut();
        }
    }

    /**
     * My account, and what a page must know of the server.
     * @returns {Promise<Me>}
     * @throws {UnauthorizedError} there is no log-in
     */
    async me() {
        const isBare = this.#rest.usesCookies;
        const found = await this.#rest.call("GET", `${this.#rest.paths.auth}/me`, { isBare });
        if (found.csrf_token) this.#rest.setCsrf(found.csrf_token);
        const me = found.user ? found : { user: found };
        this.#onMe(me.user.id);
        return me;
    }

    /** @param {string} path @param {unknown} body @returns {Promise<Account>} */
    async #enter(path, body) {
        const entered = await this.#rest.call("POST", `${this.#rest.paths.auth}/${path}`, { body, isBare: true, isLogIn: true });
        this.#rest.setCsrf(entered.csrf_token);
        this.#onMe(entered.user.id);
        return entered.user;
    }
}
