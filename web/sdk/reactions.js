/** The reactions of a chat on a device. No I/O. Input may arrive twice, late and in any order. */

/** @import { Frame, Reaction } from "./types.js" */

/**
 * The newest known reactions of each message, also of messages that are not known yet.
 *
 * They have a version of their own: a frame about reactions does not show the text of the message, which may have changed
 * at an earlier version that this device has not received.
 */
export class Reactions {
    /** By message, the version and the kinds. @type {Map<number, [number, Reaction[]]>} */
    #latest = new Map();
    /** By message and emoji, the newest version at which it was known whether I reacted, and whether I did. @type {Map<string, [number, boolean]>} */
    #own = new Map();

    /**
     * Store the reactions that a message had at a version; returns whether they are news.
     * @param {number} messageId
     * @param {number} version
     * @param {Reaction[]} kinds
     */
    put(messageId, version, kinds) {
        for (const kind of kinds) if (kind.mine != null) this.#learn(messageId, kind.emoji, version, kind.mine);
        if (version <= this.version(messageId)) return false;
        this.#latest.set(messageId, [version, kinds]);
        return true;
    }

    /**
     * Apply what a frame says of a message: its reactions, and who changed which; returns whether it is news.
     * @param {Frame} entry
     * @param {number | null} me
     */
    apply(entry, me) {
        for (const change of entry.changes) {
            if (change.user_id === me) this.#learn(entry.message_id, change.emoji, entry.version, change.is_added);
        }
        return this.put(entry.message_id, entry.version, entry.reactions);
    }

    /**
     * The version of the newest known reactions of a message; 0 if none are known.
     * @param {number} messageId
     */
    version(messageId) {
        return this.#latest.get(messageId)?.[0] ?? 0;
    }

    /**
     * The reactions of a message, each with `mine`.
     * @param {number} messageId
     * @param {number | null} me
     */
    shown(messageId, me) {
        const kinds = this.#latest.get(messageId)?.[1] ?? [];
        return kinds.map((kind) => ({ ...kind, mine: this.#isMine(messageId, kind, me) }));
    }

    /** @param {number} messageId @param {string} emoji @param {number} version @param {boolean} isMine */
    #learn(messageId, emoji, version, isMine) {
        const key = messageId + emoji;
        if (version >= (this.#own.get(key)?.[0] ?? 0)) this.#own.set(key, [version, isMine]);
    }

    /** All users are named if they are few; of the others only the first. @param {number} messageId @param {Reaction} kind @param {number | null} me */
    #isMine(messageId, kind, me) {
        const isNamed = me != null && kind.user_ids.includes(me);
        if (isNamed || kind.count <= kind.user_ids.length) return isNamed;
        return this.#own.get(messageId + kind.emoji)?.[1] ?? false;
    }
}

/**
 * What a frame says of the reactions of each message, in one form for single and gathered changes.
 * @param {Frame} frame
 * @returns {Frame[]}
 */
export function entriesOf(frame) {
    if (frame.messages) return frame.messages;
    const { user_id, emoji } = frame;
    return [{ ...frame, changes: [{ user_id, emoji, is_added: frame.type === "reaction_added" }] }];
}
