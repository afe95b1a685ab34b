/** The newest known mark of each message: pins by their version, stars by the time of the change. No I/O. */

/** @template {number | string} Order what only grows */
export class Marks {
    /** @type {Map<number, [Order, boolean]>} */
    #latest = new Map();

    /**
     * A mark was set or taken away; returns whether it is news.
     * @param {number} messageId
     * @param {Order} order
     * @param {boolean} isSet
     */
    put(messageId, order, isSet) {
        const known = this.#latest.get(messageId);
        if (known && order <= known[0]) return false;
        this.#latest.set(messageId, [order, isSet]);
        return true;
    }

    /** @param {number} messageId */
    has(messageId) {
        return this.#latest.get(messageId)?.[1] ?? false;
    }

    /** The marked messages with what orders their marks. @returns {[number, Order][]} */
    entries() {
        const set = [...this.#latest].filter(([, [, isSet]]) => isSet);
        return set.map(([messageId, [order]]) => [messageId, order]);
    }
}
