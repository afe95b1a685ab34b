/** Which parts of a chat were read without holes, as stretches of `seq`. No I/O. */
export class Stretches {
    /** Disjoint and in order; the last one may be open, up to Infinity: then live messages continue it. @type {[number, number][]} */
    #parts = [];

    /**
     * Everything from one `seq` to another was read. Parts that touch become one.
     * @param {number} from 0 if there is nothing older
     * @param {number} to Infinity if there is nothing newer
     */
    cover(from, to) {
        /** @type {[number, number][]} */
        const apart = [];
        for (const part of this.#parts) {
            if (part[1] + 1 < from || part[0] > to + 1) {
                apart.push(part);
            } else {
                from = Math.min(from, part[0]);
                to = Math.max(to, part[1]);
            }
        }
        this.#parts = [...apart, /** @type {[number, number]} */ ([from, to])].sort((a, b) => a[0] - b[0]);
    }

    /**
     * The stretch that contains a `seq`.
     * @param {number} seq Infinity for the newest
     */
    around(seq) {
        return this.#parts.find(([from, to]) => from <= seq && seq <= to);
    }
}
