/** Group chats. Changes reach the state as system messages and frames; what methods return rejects as in `reading.js`. */

/** @import { Attachment, Group, GroupRole, Member } from "./types.js" */
/** @import { Engine } from "./engine.js" */

export class Groups {
    #engine;

    /** @param {Engine} engine */
    constructor(engine) {
        this.#engine = engine;
    }

    /**
     * Create a group; I own it.
     * @param {string} title
     * @param {readonly (number | string)[]} members  ids or usernames
     * @param {string} [key] idempotency key, to repeat it safely
     * @returns {Promise<Group>}
     */
    async create(title, members, key = crypto.randomUUID()) {
        return this.#learn(await this.#call("POST", "", { body: { title, ...named(members, "member_ids") }, key }));
    }

    /** A group with its first members. @param {number} chatId @param {{ signal?: AbortSignal }} [options] @returns {Promise<Group>} */
    async read(chatId, options) {
        return this.#learn(await this.#call("GET", `/${chatId}`, options));
    }

    /**
     * A page of the members: owners, admins, then all others.
     * @param {number} chatId
     * @param {{ page?: number, limit?: number, signal?: AbortSignal }} [query]
     * @returns {Promise<{ members: Member[], total: number, page: number, limit: number, has_more: boolean }>}
     */
    async members(chatId, { signal, ...query } = {}) {
        const page = await this.#call("GET", `/${chatId}/members`, { query, signal });
        page.members.forEach((/** @type {Member} */ member) => this.#engine.people.learn(member));
        return page;
    }

    /**
     * Change the title or the picture.
     * @param {number} chatId
     * @param {{ title?: string, picture?: Attachment | null }} changes `picture`: an uploaded image, or null to remove it
     * @returns {Promise<Group>}
     */
    async update(chatId, { title, picture }) {
        const body = { ...(title !== undefined && { title }), ...(picture !== undefined && { picture_attachment_id: picture?.id ?? null }) };
        return this.#learn(await this.#call("PATCH", `/${chatId}`, { body }));
    }

    /** @param {number} chatId @param {readonly (number | string)[]} users  ids or usernames @returns {Promise<Group>} */
    async add(chatId, users) {
        return this.#learn(await this.#call("POST", `/${chatId}/members`, { body: named(users, "user_ids") }));
    }

    /** @param {number} chatId @param {number} userId @returns {Promise<void>} */
    remove(chatId, userId) {
        return this.#call("DELETE", `/${chatId}/members/${userId}`);
    }

    /** @param {number} chatId @param {number} userId @param {GroupRole} role @returns {Promise<void>} */
    changeRole(chatId, userId, role) {
        return this.#call("PATCH", `/${chatId}/members/${userId}`, { body: { role } });
    }

    /** Leave a group; its frame removes it from the state. @param {number} chatId @returns {Promise<void>} */
    leave(chatId) {
        return this.#call("POST", `/${chatId}/leave`);
    }

    /** @param {string} method @param {string} path @param {import("./rest.js").RequestOptions} [options] @returns {Promise<any>} */
    #call(method, path, options) {
        return this.#engine.rest.chat(method, `/groups${path}`, options);
    }

    /** @param {Group} group */
    #learn(group) {
        group.members?.forEach((member) => this.#engine.people.learn(member));
        this.#engine.store.applyChats([group], true);
        return group;
    }
}

/**
 * Users as the body of a request names them.
 * @param {readonly (number | string)[]} users
 * @param {string} ids the field of those that are named by id
 */
function named(users, ids) {
    const [numbers, names] = ["number", "string"].map((type) => users.filter((user) => typeof user === type));
    return { ...(numbers?.length && { [ids]: numbers }), ...(names?.length && { usernames: names }) };
}
