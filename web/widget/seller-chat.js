/** Which chat is about the item, and whether the visitor sees it. */

export class SellerChat {
  #listeners = /** @type {Set<() => void>} */ (new Set());
  /** Null before the first message. @type {number | null} */
  chatId = null;
  /** Whether `chatId` is known to be null, or not. */
  isSearched = false;
  /** Whether the visitor sees it. */
  isOpen = false;

  /** @param {Partial<Pick<SellerChat, "chatId" | "isSearched" | "isOpen">>} changes */
  update(changes) {
    Object.assign(this, changes);
    for (const listener of this.#listeners) listener();
  }

  /** Call a function after each update; returns what ends it. @param {() => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
