/**
 * Unanswered commands. No I/O: the caller sends the commands and reports the answers.
 *
 * A command keeps its key over all attempts, so it is executed once. In one lane (a chat) the next command is sent after the
 * previous one is answered, so that retries keep the order.
 */

/** @import { Pace } from "./pace.js" */
import { BackOff } from "./backoff.js";

/**
 * A command to execute once.
 * @typedef {object} Command
 * @property {string} kind as in `requests.js`
 * @property {string} key idempotency key
 * @property {string} lane commands of one lane are executed in order
 * @property {number | null} chatId
 * @property {number | null} messageId
 * @property {Record<string, any> | undefined} body without the key
 * @property {Promise<any>} answer
 * @property {(answer: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {BackOff} backoff
 * @property {boolean} overSocket
 * @property {number | null} deadline while it is in flight
 * @property {number} notBefore
 */

/** Commands by lane. Times are those of the caller's clock, in ms. */
export class Outbox {
    /** @type {Map<string, Command[]>} */
    #lanes = new Map();
    /** @type {Map<string, Command>} */
    #commands = new Map();
    #pace;

    /** @param {Pace} pace */
    constructor(pace) {
        this.#pace = pace;
    }

    get size() {
        return this.#commands.size;
    }

    /**
     * Add a command, or return the pending one with the same key.
     * @param {Pick<Command, "kind" | "key" | "lane"> & Partial<Pick<Command, "chatId" | "messageId" | "body">>} command
     */
    put({ kind, key, lane, chatId = null, messageId = null, body }) {
        const known = this.#commands.get(key);
        if (known) return known;
        const { promise: answer, resolve, reject } = Promise.withResolvers();
        answer.catch(() => {}); // who is not interested need not wait: refusals are events as well
        const backoff = new BackOff(this.#pace.retryFirst, this.#pace.retryMost);
        const command = { kind, key, lane, chatId, messageId, body, answer, resolve, reject, backoff, overSocket: false, deadline: null, notBefore: 0 };
        this.#commands.set(key, command);
        const waiting = this.#lanes.get(lane);
        if (waiting) waiting.push(command);
        else this.#lanes.set(lane, [command]);
        return command;
    }

    /** A command of this kind and lane that is not in flight: what it does can be replaced. @param {string} kind @param {string} lane */
    replaceable(kind, lane) {
        return this.#lanes.get(lane)?.find((command) => command.kind === kind && command.deadline === null);
    }

    /**
     * The first command of each lane that may be sent now; marks it as in flight.
     * @param {number} now
     * @param {boolean} overSocket
     */
    takeReady(now, overSocket) {
        const ready = [];
        for (const [command] of this.#lanes.values()) {
            if (command.deadline !== null && now >= command.deadline) this.unknown(command.key, now);
            if (command.deadline !== null || now < command.notBefore) continue;
            command.deadline = now + this.#pace.answerWait;
            command.overSocket = overSocket;
            ready.push(command);
        }
        return ready;
    }

    /** Time until the next send or retry; null if nothing is pending. @param {number} now */
    nextEvent(now) {
        const moments = [...this.#lanes.values()].map(([command]) => command.deadline ?? command.notBefore);
        return moments.length ? Math.max(0, Math.min(...moments) - now) : null;
    }

    /** @param {string} key @param {any} answer */
    answered(key, answer) {
        this.#remove(key)?.resolve(answer);
    }

    /** Returns the command, if one is pending with this key. @param {string} key @param {Error} error */
    refused(key, error) {
        const command = this.#remove(key);
        command?.reject(error);
        return command;
    }

    /** The outcome is unknown: schedule a retry with the same key. @param {string} key @param {number} now @param {number} [retryAfter] */
    unknown(key, now, retryAfter = 0) {
        const command = this.#commands.get(key);
        if (!command) return;
        command.deadline = null;
        command.notBefore = now + command.backoff.next(retryAfter);
    }

    /** Commands in flight over the socket may or may not have arrived: retry them as soon as possible. */
    socketLost() {
        for (const command of this.#commands.values()) {
            if (!command.overSocket || command.deadline === null) continue;
            command.deadline = null;
            command.notBefore = 0;
        }
    }

    /** Fail all commands. @param {Error} error */
    giveUp(error) {
        for (const key of [...this.#commands.keys()]) this.refused(key, error);
    }

    /** @param {string} key */
    #remove(key) {
        const command = this.#commands.get(key);
        if (!command) return undefined;
        this.#commands.delete(key);
        const lane = (this.#lanes.get(command.lane) ?? []).filter((other) => other !== command);
        if (lane.length) this.#lanes.set(command.lane, lane);
        else this.#lanes.delete(command.lane);
        return command;
    }
}
