/** Reads a list of chats page by page, as far as the person scrolls. */

import { signal } from "../../ui/view.js";

/** Chats a page; the server's default. */
const PAGE = 20;

export class Pager {
  #client;
  #query;
  #next = 1;

  isLoading = signal(false);
  hasMore = signal(true);
  /** Why the last page could not be read; null if it could. */
  error = signal(/** @type {unknown} */ (null));

  /**
   * @param {import("../../sdk/index.js").ChatClient} client
   * @param {{ archived?: boolean, snoozed?: boolean }} query
   * @param {number} known  chats of this list that are known already
   */
  constructor(client, query, known) {
    this.#client = client;
    this.#query = query;
    this.#next = Math.floor(known / PAGE) + 1;
  }

  async loadMore() {
    if (this.isLoading.peek() || !this.hasMore.peek()) return;
    this.isLoading.value = true;
    this.error.value = null;
    try {
      const chats = await this.#client.listChats({ ...this.#query, page: this.#next, limit: PAGE });
      this.#next += 1;
      this.hasMore.value = chats.length === PAGE;
    } catch (error) {
      this.error.value = error;
    } finally {
      this.isLoading.value = false;
    }
  }
}
