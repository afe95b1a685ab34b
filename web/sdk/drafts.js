/** Saves drafts when I pause, not with every letter: each counts as a request. */

/** @import { Pace } from "./pace.js" */

export class Drafts {
    /** @type {Map<number, { content: string, timer: ReturnType<typeof setTimeout> }>} */
    #waiting = new Map();
    #pace;
    #save;

    /** @param {Pace} pace @param {(chatId: number, content: string, isLast: boolean) => void} save */
    constructor(pace, save) {
        this.#pace = pace;
        this.#save = save;
    }

    /** @param {number} chatId @param {string} content */
    write(chatId, content) {
        clearTimeout(this.#waiting.get(chatId)?.timer);
        const timer = setTimeout(() => this.#flush(chatId, false), this.#pace.draftAfter);
        this.#waiting.set(chatId, { content, timer });
    }

    /** The text was sent: the server clears its draft itself. @param {number} chatId */
    forget(chatId) {
        clearTimeout(this.#waiting.get(chatId)?.timer);
        this.#waiting.delete(chatId);
    }

    /** Save all at once: the page may be about to end. */
    flushAll() {
        for (const chatId of [...this.#waiting.keys()]) this.#flush(chatId, true);
    }

    /** @param {number} chatId @param {boolean} isLast */
    #flush(chatId, isLast) {
        const content = this.#waiting.get(chatId)?.content;
        this.forget(chatId);
        if (content !== undefined) this.#save(chatId, content, isLast);
    }
}
