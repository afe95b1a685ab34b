/** Announces that I am typing: every few seconds while keys are pressed, and when I stop. */

/** @import { Pace } from "./pace.js" */

export class TypingSignal {
    /** By chat, when it was announced last, and the timer that ends it. @type {Map<number, { at: number, timer: ReturnType<typeof setTimeout> }>} */
    #active = new Map();
    #pace;
    #announce;

    /** @param {Pace} pace @param {(chatId: number, isTyping: boolean) => void} announce */
    constructor(pace, announce) {
        this.#pace = pace;
        this.#announce = announce;
    }

    /** A key was pressed. @param {number} chatId */
    keystroke(chatId) {
        const now = performance.now();
        const known = this.#active.get(chatId);
        clearTimeout(known?.timer);
        const isDue = !known || now - known.at >= this.#pace.typingEvery;
        const timer = setTimeout(() => this.stop(chatId), this.#pace.typingEnds);
        this.#active.set(chatId, { at: isDue ? now : known.at, timer });
        if (isDue) this.#announce(chatId, true);
    }

    /** The text was sent, or is empty, or no key was pressed for a while. @param {number} chatId */
    stop(chatId) {
        const known = this.#active.get(chatId);
        if (!known) return;
        clearTimeout(known.timer);
        this.#active.delete(chatId);
        this.#announce(chatId, false);
    }

    /** Stop in all chats. */
    stopAll() {
        for (const chatId of [...this.#active.keys()]) this.stop(chatId);
    }
}
