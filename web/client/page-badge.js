/** The number of unread messages in the title and on the icon of the page. */

import { formatNumber } from "../ui/format.js";

/** Side of the icon, in pixels. */
const SIDE = 64;
/** Above, "99+". */
const LIMIT = 99;

/** Colours of the icon: a browser's tab bar does not follow the theme of the page. */
const ACCENT = "#1f6f5c";
const ALERT = "#d93025";
const INK = "#ffffff";

export class PageBadge {
  #document;
  #shown = -1;

  /** @param {Document} document */
  constructor(document) {
    this.#document = document;
  }

  /**
   * @param {number} unread
   * @param {string} title  of what is open
   */
  show(unread, title) {
    this.#document.title = unread ? `(${formatNumber(unread)}) ${title}` : title;
    if (unread === this.#shown) return;
    this.#shown = unread;
    this.#drawIcon(unread);
    // Installed as an app, the icon of the app; refused without harm elsewhere.
    if ("setAppBadge" in navigator) navigator.setAppBadge(unread).catch(() => undefined);
  }

  /** @param {number} unread */
  #drawIcon(unread) {
    const canvas = this.#document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const context = canvas.getContext("2d");
    const link = this.#document.querySelector("link[rel='icon']");
    if (!context || !(link instanceof HTMLLinkElement)) return;
    context.fillStyle = ACCENT;
    context.beginPath();
    context.roundRect(4, 8, 56, 42, 16);
    context.moveTo(14, 44);
    context.lineTo(14, 62);
    context.lineTo(34, 48);
    context.fill();
    if (unread > 0) {
      const text = unread > LIMIT ? `${LIMIT}+` : String(unread);
      const width = text.length > 2 ? 52 : text.length > 1 ? 44 : 36;
      context.fillStyle = ALERT;
      context.beginPath();
      context.roundRect(SIDE - width, 0, width, 36, 18);
      context.fill();
      context.fillStyle = INK;
      context.font = "700 28px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(text, SIDE - width / 2, 19);
    }
    link.type = "image/png";
    link.href = canvas.toDataURL("image/png");
  }
}
