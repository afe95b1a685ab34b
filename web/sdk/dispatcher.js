/** Sends commands of the outbox, over the socket or over HTTP, and retries until they are answered. */

/** @import { Link } from "./connection.js" */
/** @import { Command } from "./outbox.js" */
/** @import { Rest } from "./rest.js" */
import { RefusedError, UnansweredError, requestedWait } from "./errors.js";
import { Outbox } from "./outbox.js";
import { frameOf, requestOf } from "./requests.js";

export class Dispatcher {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #outbox;
    #rest;
    #link;
    #results;

    /**
     * @param {Outbox} outbox
     * @param {Rest} rest
     * @param {Pick<Link, "info" | "send">} link the socket; nothing is sent unless it is open, or polling takes its place
     * @param {{ done(command: Command, answer: any): void, refused(command: Command, error: RefusedError): void }} results
     */
    constructor(outbox, rest, link, results) {
        this.#outbox = outbox;
        this.#rest = rest;
        this.#link = link;
        this.#results = results;
    }

    /** Send what may be sent now. Called after each change of the outbox or the socket. */
    pump() {
        clearTimeout(this.#timer);
        const { state } = this.#link.info;
        if (state !== "open" && state !== "polling") return;
        for (const command of this.#outbox.takeReady(now(), state === "open")) {
            const frame = command.overSocket ? frameOf(command) : null;
            if (frame === null) this.#request(command);
            else if (!this.#link.send(frame)) this.#outbox.unknown(command.key, now());
        }
        const wait = this.#outbox.nextEvent(now());
        if (wait !== null && Number.isFinite(wait)) this.#timer = setTimeout(() => this.pump(), wait);
    }

    /** Stop the timer. */
    stop() {
        clearTimeout(this.#timer);
    }

    /** @param {Command} command */
    async #request(command) {
        command.overSocket = false;
        command.deadline = Infinity; // the request has a time limit of its own
        try {
            const [method, path] = requestOf(command);
            const answer = await this.#rest.chat(method, path, { body: command.body, key: command.key });
            this.#results.done(command, answer);
        } catch (error) {
            if (error instanceof RefusedError) this.#results.refused(command, error);
            else this.#outbox.unknown(command.key, now(), requestedWait(error));
            if (!(error instanceof RefusedError || error instanceof UnansweredError)) throw error;
        }
        this.pump();
    }
}

function now() {
    return performance.now();
}
