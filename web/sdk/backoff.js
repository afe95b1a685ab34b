/** Exponential back-off with full jitter, so that clients do not retry at the same time. */
export class BackOff {
    #first;
    #most;
    #random;
    failures = 0;

    /**
     * @param {number} first ceiling of the first delay, in ms
     * @param {number} most highest ceiling, in ms
     * @param {() => number} [random] from 0 to 1
     */
    constructor(first, most, random = Math.random) {
        this.#first = first;
        this.#most = most;
        this.#random = random;
    }

    /**
     * The time to wait in ms; doubles the ceiling of the next one.
     * @param {number} [atLeast] minimum that the server requested, in ms; the jitter is added to it
     */
    next(atLeast = 0) {
        const ceiling = Math.min(this.#most, this.#first * 2 ** Math.min(this.failures++, 30));
        return atLeast + this.#random() * ceiling;
    }

    /** Begin again with the first delay. */
    succeeded() {
        this.failures = 0;
    }
}
