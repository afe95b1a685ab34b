/** Listeners of events, and changes that are gathered until the end of the current task. */

/** @import { Change, ChangeKind } from "./types.js" */
import { report } from "./errors.js";

/** Calls listeners by the name of an event. One that throws is reported and disturbs nothing else. */
export class Emitter {
    /** @type {Map<unknown, Set<(event: any) => void>>} */
    #listeners = new Map();

    /**
     * Call a function on each event; returns what ends it.
     * @param {unknown} name
     * @param {(event: any) => void} listener
     * @param {{ signal?: AbortSignal }} [options]
     */
    on(name, listener, { signal } = {}) {
        const entry = /** @param {any} event */ (event) => listener(event);
        const listeners = this.#listeners.get(name) ?? new Set();
        this.#listeners.set(name, listeners.add(entry));
        const off = () => {
            listeners.delete(entry);
            if (!listeners.size && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
        };
        if (signal?.aborted) off();
        signal?.addEventListener("abort", off, { once: true });
        return off;
    }

    /** @param {unknown} name @param {any} event */
    emit(name, event) {
        for (const listener of [...(this.#listeners.get(name) ?? [])]) {
            try {
                listener(event);
            } catch (error) {
                report(error);
            }
        }
    }
}

/** Gathers what changed, one entry for each chat, and hands it over once in a microtask. */
export class Changes {
    /** @type {Map<number | null, { chatId: number | null, kinds: Set<ChangeKind>, messageIds: Set<number>, userIds: Set<number> }>} */
    #gathered = new Map();
    #publish;
    #settle;

    /**
     * @param {(change: Change) => void} publish
     * @param {() => void} settle called before they are published; may note further ones
     */
    constructor(publish, settle) {
        this.#publish = publish;
        this.#settle = settle;
    }

    /**
     * @param {number | null} chatId null if it concerns no chat in particular
     * @param {ChangeKind} kind
     * @param {{ messageId?: number, userId?: number }} [about]
     */
    note(chatId, kind, { messageId, userId } = {}) {
        if (!this.#gathered.size) queueMicrotask(() => this.#flush());
        let change = this.#gathered.get(chatId);
        if (!change) {
            change = { chatId, kinds: new Set(), messageIds: new Set(), userIds: new Set() };
            this.#gathered.set(chatId, change);
        }
        change.kinds.add(kind);
        if (messageId) change.messageIds.add(messageId);
        if (userId) change.userIds.add(userId);
    }

    #flush() {
        this.#settle();
        const gathered = [...this.#gathered.values()];
        this.#gathered.clear();
        gathered.forEach(this.#publish);
    }
}
