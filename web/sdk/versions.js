/** Which versions of a chat are known on a device. No I/O. */
export class Versions {
    /** Every change up to this version is known. */
    knownTo = 0;
    /** The largest version of a live frame; above `knownTo` it reveals a gap. */
    highestLive = 0;
    /** Known versions above `knownTo`. @type {Set<number>} */
    #ahead = new Set();

    /** Whether a live frame revealed a gap. */
    get isBehind() {
        return this.highestLive > this.knownTo;
    }

    /** The largest version that is known. */
    get newest() {
        return Math.max(this.knownTo, this.highestLive, ...this.#ahead);
    }

    /** The change with this version is known. @param {number} version */
    mark(version) {
        this.markRange(version, version);
    }

    /** The changes with these versions are known, or are none that I see. @param {number} from @param {number} version */
    markRange(from, version) {
        if (from <= this.knownTo + 1) return this.completeUpTo(version);
        for (let between = from; between <= version; between++) this.#ahead.add(between);
    }

    /** Everything up to a version is known, and each consecutive version after it. @param {number} version */
    completeUpTo(version) {
        if (version < this.knownTo) return;
        this.knownTo = version;
        while (this.#ahead.delete(this.knownTo + 1)) this.knownTo++;
        for (const known of this.#ahead) if (known <= this.knownTo) this.#ahead.delete(known);
    }
}
