/**
 * Addresses of the client. A chat has its own, and a message in it: `/chat`, `/chat/7`, `/chat/7#message-31`,
 * `/chat/assistant`, `/chat/settings`. On a phone, the browser's back button leads from a chat to the list.
 */

import { signal } from "../ui/view.js";

/**
 * @typedef {{ name: "list" }
 *   | { name: "chat", chatId: number, messageId: number | null }
 *   | { name: "assistant" }
 *   | { name: "settings" }} Route
 */

const ROOT = "/chat";
const MESSAGE = /^#message-(\d{1,16})$/;

/**
 * @param {string} path
 * @param {string} hash  with `#`, or empty
 * @returns {Route}  the list, for an address that is none of ours
 */
export function parseRoute(path, hash) {
  const rest = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1).replace(/\/$/, "") : "";
  if (rest === "assistant" || rest === "settings") return { name: rest };
  const chatId = /^\d{1,16}$/.test(rest) ? Number(rest) : 0;
  if (!chatId || !Number.isSafeInteger(chatId)) return { name: "list" };
  const messageId = Number(MESSAGE.exec(hash)?.[1] ?? 0);
  return { name: "chat", chatId, messageId: Number.isSafeInteger(messageId) && messageId > 0 ? messageId : null };
}

/** @param {Route} route */
export function formatRoute(route) {
  if (route.name === "list") return ROOT;
  if (route.name !== "chat") return `${ROOT}/${route.name}`;
  return `${ROOT}/${route.chatId}${route.messageId ? `#message-${route.messageId}` : ""}`;
}

/** Where the person is, and the way elsewhere. */
export class Router {
  #window;

  /** @param {Window} window */
  constructor(window) {
    this.#window = window;
    this.route = signal(parseRoute(window.location.pathname, window.location.hash));
    window.addEventListener("popstate", this.#read);
    window.addEventListener("hashchange", this.#read);
  }

  #read = () => {
    this.route.value = parseRoute(this.#window.location.pathname, this.#window.location.hash);
  };

  /**
   * @param {Route} route
   * @param {{ replace?: boolean }} [options]  `replace`: the present address does not stay in the history
   */
  go(route, { replace = false } = {}) {
    const { history } = this.#window;
    const depth = Number(history.state?.depth ?? 0);
    if (replace) history.replaceState({ depth }, "", formatRoute(route));
    else history.pushState({ depth: depth + 1 }, "", formatRoute(route));
    this.route.value = route;
  }

  /** Go back to where the person came from; to the list, if the client was opened here. */
  back() {
    if (Number(this.#window.history.state?.depth ?? 0) > 0) this.#window.history.back();
    else this.go({ name: "list" }, { replace: true });
  }

  [Symbol.dispose]() {
    this.#window.removeEventListener("popstate", this.#read);
    this.#window.removeEventListener("hashchange", this.#read);
  }
}
