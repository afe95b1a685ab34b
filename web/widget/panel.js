/**
 * The panel of the widget: loaded when the widget is opened for the first time. One shadow root holds everything, so that
 * names and descriptions find each other, and the page's styles and ours do not meet.
 */

import { h, render } from "../ui/view.js";
import { open as openAssistant } from "./assistant-view.js";
import { Frame } from "./frame.js";
import { claimsOf, itemOf, tokenSource } from "./host-token.js";
import { loadStyles } from "./styles.js";
import { chooseLanguage, switchLanguage } from "./texts.js";

/** @typedef {import("../sdk/assistant.js").AssistantItem} AssistantItem */
/** @typedef {import("../ui/assistant/item-cards.js").Card} Card */

/**
 * @typedef {object} PanelOptions
 * @property {HTMLElement & { server: string, getToken: (() => string | null | Promise<string | null>) | null }} host
 * @property {ShadowRoot} root
 * @property {string} language  a BCP 47 tag
 * @property {() => void} onClose
 * @property {(count: number) => void} onUnread
 * @property {(item: { kind: string, id: number, url: string | null }) => void} onItem  a card was chosen
 */

/**
 * What a conversation needs to begin.
 *
 * @typedef {object} Visit
 * @property {string} server
 * @property {(() => Promise<string>) | null} getToken  null for a visitor without an account
 * @property {AssistantItem | null} item
 * @property {(count: number) => void} onUnread
 * @property {(card: Card) => void} onItem
 */

/**
 * @typedef {object} Conversation
 * @property {import("../ui/view.js").View} view
 * @property {import("../ui/view.js").View | null} actions  buttons of the head
 * @property {(isOpen: boolean) => void} setOpen  whether the visitor sees it
 * @property {() => void} dispose
 */

/** The panel of one widget. */
export class Panel {
  #place;
  #sheets;
  #root;
  #options;
  #conversation;
  #isOpen = false;

  /**
   * @param {PanelOptions} options
   * @param {readonly CSSStyleSheet[]} sheets
   * @param {Conversation} conversation
   */
  constructor(options, sheets, conversation) {
    this.#options = options;
    this.#root = options.root;
    this.#sheets = sheets;
    this.#conversation = conversation;
    this.#place = document.createElement("div");
    // Before the loader's own sheet, whose rules about the theme have the last word.
    this.#root.adoptedStyleSheets = [...sheets, ...this.#root.adoptedStyleSheets];
    this.#root.append(this.#place);
  }

  get isOpen() {
    return this.#isOpen;
  }

  show() {
    this.#setOpen(true);
  }

  hide() {
    this.#setOpen(false);
  }

  /** @param {boolean} isOpen */
  #setOpen(isOpen) {
    this.#isOpen = isOpen;
    this.#render();
    this.#conversation.setOpen(isOpen);
  }

  /** @param {string} language  a BCP 47 tag */
  changeLanguage(language) {
    void switchLanguage(chooseLanguage([language])).then(() => this.#render(), reportError);
  }

  /** End the connection and take everything off the page. */
  dispose() {
    this.#conversation.dispose();
    render(null, this.#place);
    this.#place.remove();
    this.#root.adoptedStyleSheets = this.#root.adoptedStyleSheets.filter((sheet) => !this.#sheets.includes(sheet));
    this.#isOpen = false;
  }

  #render() {
    const { host, onClose } = this.#options;
    render(h(Frame, { host, conversation: this.#conversation, isOpen: this.#isOpen, onClose }), this.#place);
  }
}

/**
 * Load styles, texts and the conversation that the element asks for.
 *
 * @param {PanelOptions} options
 */
export async function createPanel(options) {
  const { host } = options;
  const source = tokenSource(host);
  const isSeller = host.getAttribute("chat") === "seller";
  const [sheets, { open }, first] = await Promise.all([
    loadStyles(),
    isSeller ? import("./seller-view.js") : { open: openAssistant },
    source?.() ?? null,
    switchLanguage(chooseLanguage([options.language])),
  ]);
  const conversation = open({
    server: host.server,
    getToken: source === null || !first ? null : tokenReader(first, source),
    item: itemOf({ kind: host.getAttribute("item-kind") ?? "listing", id: Number(host.getAttribute("item-id")) })
      ?? itemOf(first ? claimsOf(first)["item"] : null),
    onUnread: options.onUnread,
    onItem: ({ kind, id, url }) => options.onItem({ kind, id, url: typeof url === "string" ? url : null }),
  });
  return new Panel(options, sheets, conversation);
}

/**
 * Hands out the token that is known already, and asks the host when it is no longer accepted.
 *
 * @param {string} first
 * @param {() => string | null | Promise<string | null>} source
 */
function tokenReader(first, source) {
  let known = /** @type {string | null} */ (first);
  return async () => {
    const token = known ?? await source();
    known = null;
    // Without a token the server answers 401, which ends the connection: the visitor has logged out of the shop.
    return token ?? "";
  };
}
