/** Changes of messages that I made and the server has not confirmed, laid over what is known of them. No I/O. */

/** @import { Message, Reaction } from "./types.js" */
import { stored } from "./message.js";

const NAMED = 10; // users of a reaction whose ids are listed

/** @typedef {{ kind: string, body?: Record<string, any> }} Change a command, as in `requests.js` */

/** What each kind of command changes in a message. @type {Record<string, (message: Message, body: any, me: number | null) => Partial<Message>>} */
const EFFECTS = {
    edit: (message, { content }) => ({ content, is_edited: true, is_saving: true }),
    delete: (message) => ({ ...stored({ ...message, is_deleted: true }), reactions: [] }),
    react: ({ reactions }, { emoji }, me) => ({ reactions: withMine(reactions, emoji, me, true) }),
    unreact: ({ reactions }, { emoji }, me) => ({ reactions: withMine(reactions, emoji, me, false) }),
};

export class Planned {
    /** By message, in the order in which they were made. @type {Map<number, Set<Change>>} */
    #changes = new Map();

    /**
     * Lay a change over a message until its command is answered or refused. Other kinds of commands are shown by the answer alone.
     * @param {number} messageId
     * @param {Change} change
     * @param {Promise<unknown>} answer
     * @param {() => void} touch what is shown of the message has changed
     */
    add(messageId, change, answer, touch) {
        if (!(change.kind in EFFECTS)) return;
        const changes = this.#changes.get(messageId) ?? new Set();
        this.#changes.set(messageId, changes.add(change));
        const end = () => {
            changes.delete(change);
            if (!changes.size && this.#changes.get(messageId) === changes) this.#changes.delete(messageId);
            touch();
        };
        touch();
        answer.then(end, end);
    }

    /** Whether a change of this kind is not confirmed yet. @param {number} messageId @param {string} kind */
    has(messageId, kind) {
        return [...(this.#changes.get(messageId) ?? [])].some((change) => change.kind === kind);
    }

    /** A message with what I have changed in it. @param {Message} message @param {number | null} me */
    laidOver(message, me) {
        let shown = message;
        for (const { kind, body } of this.#changes.get(message.id) ?? []) shown = { ...shown, ...EFFECTS[kind](shown, body, me) };
        return shown;
    }
}

/** @param {Reaction[]} reactions @param {string} emoji @param {number | null} me @param {boolean} mine whether I react then */
function withMine(reactions, emoji, me, mine) {
    const known = reactions.find((kind) => kind.emoji === emoji) ?? { emoji, count: 0, user_ids: [], mine: false };
    if (known.mine === mine) return reactions;
    const others = known.user_ids.filter((id) => id !== me);
    const changed = {
        emoji, mine,
        count: known.count + (mine ? 1 : -1),
        user_ids: mine && me !== null ? [...others, me].slice(0, NAMED) : others,
    };
    const all = reactions.includes(known) ? reactions.map((kind) => (kind === known ? changed : kind)) : [...reactions, changed];
    return all.filter((kind) => kind.count);
}
