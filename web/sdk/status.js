/** The state of the connection as people see it: of the socket, and whether everything was read since it opened. */

/** @import { ConnectionInfo } from "./types.js" */
/** @import { Link } from "./connection.js" */

export class Status {
    /** Whether nothing was missing at some moment since the socket opened. */
    #wasComplete = false;
    /** @type {number | null} */
    #lostAt = null;
    #link;
    #catchUp;

    /** @param {Link} link @param {{ isComplete: boolean }} catchUp */
    constructor(link, catchUp) {
        this.#link = link;
        this.#catchUp = catchUp;
        this.info = this.#snapshot();
    }

    /** The socket closed. */
    lost() {
        this.#wasComplete = false;
    }

    /** Look again; returns whether it has changed. */
    update() {
        const { state } = this.#link.info;
        this.#wasComplete ||= state === "open" && this.#catchUp.isComplete;
        if (state === "open" && this.#wasComplete) this.#lostAt = null;
        else this.#lostAt ??= Date.now();
        const before = JSON.stringify(this.info);
        this.info = this.#snapshot();
        return JSON.stringify(this.info) !== before;
    }

    /** @returns {ConnectionInfo} */
    #snapshot() {
        const { state, ...info } = this.#link.info;
        const shown = state === "open" ? (this.#wasComplete ? "live" : "catchingUp") : state;
        const retryNow = () => this.#link.retryNow();
        return Object.freeze({ ...info, state: shown, lostAt: this.#lostAt, isLeader: this.#link.isLeader, retryNow });
    }
}
