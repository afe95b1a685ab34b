/** What is known of people: their names, who is online, who is typing. */

/** @import { Person } from "./types.js" */

/** @typedef {{ isOnline: boolean, lastSeen: string | null }} Presence */

/** @type {Presence} */
const UNKNOWN = Object.freeze({ isOnline: false, lastSeen: null });

export class People {
    /** @type {Map<number, Person>} */
    #persons = new Map();
    /** @type {Map<number, Presence>} */
    #presence = new Map();
    /** By chat and user, the timer that ends it. @type {Map<number, Map<number, ReturnType<typeof setTimeout>>>} */
    #typing = new Map();
    #typingEnds;
    #onPerson;
    #onTyping;

    /**
     * @param {number} typingEnds in ms
     * @param {(userId: number) => void} onPerson a name, a picture or a presence has changed
     * @param {(chatId: number) => void} onTyping
     */
    constructor(typingEnds, onPerson, onTyping) {
        this.#typingEnds = typingEnds;
        this.#onPerson = onPerson;
        this.#onTyping = onTyping;
    }

    /** @param {number} userId */
    person(userId) {
        return this.#persons.get(userId);
    }

    /** @param {number} userId */
    presence(userId) {
        return this.#presence.get(userId) ?? UNKNOWN;
    }

    /** @param {number} chatId */
    typing(chatId) {
        return [...(this.#typing.get(chatId)?.keys() ?? [])];
    }

    /** Keep the newest name and picture of a user. @param {Person | null | undefined} person */
    learn(person) {
        if (!person) return;
        const known = this.#persons.get(person.id);
        if (known?.name === person.name && known.picture_url === person.picture_url) return;
        this.#persons.set(person.id, person);
        this.#onPerson(person.id);
    }

    /** @param {number} userId @param {boolean} isOnline @param {string | null} [lastSeen] kept if it is not given */
    setPresence(userId, isOnline, lastSeen = this.presence(userId).lastSeen) {
        const known = this.#presence.get(userId);
        if (known?.isOnline === isOnline && known.lastSeen === lastSeen) return;
        this.#presence.set(userId, { isOnline, lastSeen });
        this.#onPerson(userId);
    }

    /** Exactly these users are online. @param {number[]} userIds */
    setOnline(userIds) {
        const online = new Set(userIds);
        for (const [userId, { isOnline }] of this.#presence) {
            if (isOnline && !online.has(userId)) this.setPresence(userId, false);
        }
        for (const userId of online) this.setPresence(userId, true);
    }

    /** @param {number} chatId @param {number} userId @param {boolean} isTyping */
    setTyping(chatId, userId, isTyping) {
        const users = this.#typing.get(chatId) ?? new Map();
        const wasTyping = users.has(userId);
        clearTimeout(users.get(userId));
        users.delete(userId);
        if (isTyping) users.set(userId, setTimeout(() => this.setTyping(chatId, userId, false), this.#typingEnds));
        if (users.size) this.#typing.set(chatId, users);
        else this.#typing.delete(chatId);
        if (wasTyping !== isTyping) this.#onTyping(chatId);
    }

    /** Presence and typing are not known any more: their frames do not arrive. */
    forgetSignals() {
        for (const [chatId, users] of this.#typing) for (const userId of users.keys()) this.setTyping(chatId, userId, false);
    }

    clear() {
        this.forgetSignals();
        this.#persons.clear();
        this.#presence.clear();
    }
}
