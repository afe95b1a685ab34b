/** What screen readers say when something happens that has no focus, as a new message. One live region for the page. */

import { html, signal } from "./view.js";

/** Two equal texts in a row are said twice only if the region changes in between. */
const spoken = signal({ text: "", turn: 0 });

/**
 * Say a text when the screen reader is idle.
 *
 * @param {string} text
 */
export function announce(text) {
  spoken.value = { text, turn: spoken.peek().turn + 1 };
}

/** The live region. The page has one, from its beginning: a region that comes together with its text is not read. */
export function Announcer() {
  const { text, turn } = spoken.value;
  return html`<div class="visually-hidden" role="status" aria-live="polite" data-testid="announcer"><span key=${turn}>${text}</span></div>`;
}
