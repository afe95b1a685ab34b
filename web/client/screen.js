/** What is open on the screen, apart from the data: how many panes fit, details, dialogs, notices that pass. */

import { computed, signal } from "../ui/view.js";

/** @typedef {"one" | "two" | "three"} Panes  how many panes fit side by side */

/**
 * @typedef {object} Toast
 * @property {number} id
 * @property {string} text
 * @property {"info" | "error"} tone
 * @property {{ label: string, run: () => void } | null} action
 */

/** Below, one pane at a time: a phone. From `THREE_PANES`, details stand beside the conversation. In CSS pixels. */
const TWO_PANES = "(min-width: 721px)";
const THREE_PANES = "(min-width: 1180px)";

/** Long enough to read a sentence and to reach its button, in ms. */
const TOAST_PERIOD = 6_000;
/** More than these cover the composer. */
const TOAST_LIMIT = 3;

export class Screen {
  #listening = new AbortController();
  #nextToast = 1;

  /** Notices that pass by themselves, the oldest first. */
  toasts = signal(/** @type {readonly Toast[]} */ ([]));
  /** Open dialogs; the last one is on top. Each returns what to show. */
  dialogs = signal(/** @type {readonly (() => import("../ui/view.js").View)[]} */ ([]));
  /** Whether the details of the open chat are shown. */
  details = signal(false);
  /** Whether the page is visible and in front. */
  isActive = signal(true);
  /** Whether the browser has a network. */
  isOnline = signal(true);

  /** @param {Window & typeof globalThis} window */
  constructor(window) {
    const two = window.matchMedia(TWO_PANES);
    const three = window.matchMedia(THREE_PANES);
    const { document, navigator } = window;
    const fit = () => /** @type {Panes} */ (three.matches ? "three" : two.matches ? "two" : "one");
    this.panes = signal(fit());
    this.isPhone = computed(() => this.panes.value === "one");
    const { signal: ended } = this.#listening;
    const read = () => {
      this.panes.value = fit();
      this.isActive.value = document.visibilityState === "visible" && document.hasFocus();
      this.isOnline.value = navigator.onLine;
    };
    read();
    for (const query of [two, three]) query.addEventListener("change", read, { signal: ended });
    for (const name of ["focus", "blur", "online", "offline"]) window.addEventListener(name, read, { signal: ended });
    document.addEventListener("visibilitychange", read, { signal: ended });
  }

  /**
   * Show a dialog on top of the others.
   *
   * @param {(close: () => void) => import("../ui/view.js").View} render  called at each rendering
   * @returns {() => void} what closes it
   */
  openDialog(render) {
    const show = () => render(close);
    const close = () => {
      this.dialogs.value = this.dialogs.value.filter((other) => other !== show);
    };
    this.dialogs.value = [...this.dialogs.value, show];
    return close;
  }

  /**
   * @param {string} text
   * @param {{ tone?: Toast["tone"], action?: Toast["action"] }} [options]
   */
  showToast(text, { tone = "info", action = null } = {}) {
    const id = this.#nextToast++;
    // What is said already is not said twice: a refusal comes as an event and as a rejection.
    const others = this.toasts.value.filter((toast) => toast.text !== text);
    this.toasts.value = [...others.slice(1 - TOAST_LIMIT), { id, text, tone, action }];
    setTimeout(() => this.dismissToast(id), TOAST_PERIOD);
  }

  /** @param {number} id */
  dismissToast(id) {
    this.toasts.value = this.toasts.value.filter((toast) => toast.id !== id);
  }

  [Symbol.dispose]() {
    this.#listening.abort();
  }
}
