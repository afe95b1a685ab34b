/** The message that another one answers, in one line. */

import { t } from "../../ui/texts.js";
import { html } from "../../ui/view.js";

/** @type {Record<import("../../sdk/types.js").MessageType, import("../../ui/texts.js").Key | null>} */
const KINDS = {
  text: null, system: null, image: "message.photo", video: "message.video", audio: "message.audio", voice: "message.voice",
  file: "message.file", location: "message.location",
};

/**
 * A message in one line: its text, or else what it is.
 *
 * @param {{ content: string, message_type: import("../../sdk/types.js").MessageType, is_deleted: boolean }} message
 */
export function summarize({ content, message_type, is_deleted }) {
  if (is_deleted) return t("message.deleted");
  const kind = KINDS[message_type];
  return content || (kind ? t(kind) : t("message.file"));
}

/**
 * @param {{ quote: import("../../sdk/types.js").Quote, name: string, onOpen?: () => void }} props
 */
export function QuoteBlock({ quote, name, onOpen }) {
  const inside = html`
    <span class="quote-name">${name}</span>
    <span class=${quote.is_deleted ? "quote-text is-deleted" : "quote-text"}>${summarize(quote)}</span>`;
  if (!onOpen || quote.is_deleted) return html`<div class="quote">${inside}</div>`;
  return html`<button type="button" class="quote" aria-label=${t("message.show_quoted", { name })} onClick=${onOpen}>${inside}</button>`;
}
