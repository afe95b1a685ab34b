/** Keeps pending messages in IndexedDB, by person. Without storage, as in some private modes, they are kept in memory only. */

/** @import { PendingMessage } from "./types.js" */

const DATABASE = "chatapp";
const STORE = "pending";

export class PendingStore {
    /** Whose messages; null until known. @type {string | null} */
    #owner = null;
    /** What was put before the owner was known. @type {Map<string, PendingMessage>} */
    #early = new Map();
    /** @type {Promise<IDBDatabase | null> | null} */
    #opened = null;
    #factory;

    /** @param {IDBFactory | null} factory null keeps nothing */
    constructor(factory) {
        this.#factory = factory;
    }

    /** @param {string} owner server and id of the person */
    async setOwner(owner) {
        if (owner === this.#owner) return;
        this.#owner = owner;
        const early = [...this.#early.values()];
        this.#early.clear();
        await Promise.all(early.map((entry) => this.put(entry)));
    }

    /** @param {PendingMessage} entry */
    async put(entry) {
        if (this.#owner === null) this.#early.set(entry.key, entry);
        else await this.#request("readwrite", (store) => store.put(entry, [this.#owner ?? "", entry.key]));
    }

    /** @param {string} key */
    async delete(key) {
        this.#early.delete(key);
        if (this.#owner !== null) await this.#request("readwrite", (store) => store.delete([this.#owner ?? "", key]));
    }

    /** All messages of the owner. @returns {Promise<PendingMessage[]>} */
    async all() {
        return (await this.#request("readonly", (store) => store.getAll(this.#range()))) ?? [];
    }

    /** Delete all messages of the owner. */
    async clear() {
        this.#early.clear();
        if (this.#owner !== null) await this.#request("readwrite", (store) => store.delete(this.#range()));
    }

    #range() {
        return IDBKeyRange.bound([this.#owner, ""], [this.#owner, []]); // arrays sort after all strings
    }

    /**
     * Make one request; undefined without storage, or if it fails: then the message lives as long as the page.
     * @param {IDBTransactionMode} mode
     * @param {(store: IDBObjectStore) => IDBRequest} make
     * @returns {Promise<any>}
     */
    async #request(mode, make) {
        this.#opened ??= this.#open();
        const database = await this.#opened;
        if (!database) return undefined;
        try {
            return await settled(make(database.transaction(STORE, mode).objectStore(STORE)));
        } catch (error) {
            console.warn("chatapp: pending messages are not kept over reloads", error);
            return undefined;
        }
    }

    /** @returns {Promise<IDBDatabase | null>} */
    async #open() {
        try {
            if (!this.#factory) return null;
            const request = this.#factory.open(DATABASE, 1);
            request.onupgradeneeded = () => request.result.createObjectStore(STORE);
            const database = await settled(request);
            database.onversionchange = () => database.close();
            return database;
        } catch {
            return null; // some private modes refuse it: memory has to do
        }
    }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
