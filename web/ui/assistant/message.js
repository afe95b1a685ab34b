/** One message of a session: a question, an answer with cards, or words of a human. */

import { h, html, useState } from "../view.js";
import { formatTime } from "../format.js";
import { Icon } from "../icon.js";
import { t } from "../texts.js";
import { attempt } from "./attempts.js";
import { ItemCards, itemsOf } from "./item-cards.js";
import { LinkedText } from "./linked-text.js";

/** @typedef {import("../../sdk/assistant.js").AssistantClient} AssistantClient */
/** @typedef {import("../../sdk/assistant.js").AssistantMessage} AssistantMessage */
/** @typedef {import("../../sdk/assistant.js").AssistantPending} AssistantPending */

const STATUS = /** @type {const} */ ({
  stopped: "assistant.stopped", interrupted: "assistant.interrupted", failed: "assistant.failed",
});

/** @param {AssistantMessage} message */
function statusText(message) {
  if (message.retry_after !== null) return t("assistant.busy", { count: message.retry_after });
  return message.status in STATUS ? t(STATUS[/** @type {keyof typeof STATUS} */ (message.status)]) : null;
}

/**
 * The name of a button of an answer, and what it does.
 *
 * @param {{ icon: import("../icons.js").IconName, label: string, pressed?: boolean, onClick: () => void }} props
 */
function Action({ icon, label, pressed, onClick }) {
  return html`<button type="button" class="answer-action" title=${label} aria-label=${label} aria-pressed=${pressed}
    onClick=${onClick}>${h(Icon, { name: icon, size: 16 })}</button>`;
}

/** @param {{ message: AssistantMessage, client: AssistantClient, isLast: boolean }} props */
function AnswerActions({ message, client, isLast }) {
  const [rating, setRating] = useState(/** @type {"up" | "down" | null} */ (null));
  const [isCopied, setCopied] = useState(false);
  const rate = (/** @type {"up" | "down"} */ wanted) => {
    setRating(wanted);
    void attempt(client, client.feedback(message.id, wanted)).then((isRated) => { if (!isRated) setRating(null); });
  };
  const copy = () => navigator.clipboard.writeText(message.content).then(() => setCopied(true), () => setCopied(false));
  return html`
    <div class="answer-actions">
      ${h(Action, { icon: "thumb-up", label: t("assistant.helpful"), pressed: rating === "up", onClick: () => rate("up") })}
      ${h(Action, { icon: "thumb-down", label: t("assistant.not_helpful"), pressed: rating === "down", onClick: () => rate("down") })}
      ${"clipboard" in navigator && h(Action, {
        icon: isCopied ? "check" : "copy", label: t(isCopied ? "assistant.copied" : "assistant.copy"), onClick: copy,
      })}
      ${isLast && h(Action, {
        icon: "retry", label: t("assistant.answer_again"), onClick: () => { void attempt(client, client.regenerate(message.id)); },
      })}
      ${rating !== null && html`<span class="answer-thanks" role="status">${t("assistant.thanks")}</span>`}
    </div>`;
}

/** @param {{ message: AssistantMessage, client: AssistantClient, isLast: boolean,
 *   onItem?: import("./item-cards.js").OpenItem | undefined }} props */
function AnswerExtras({ message, client, isLast, onItem }) {
  const { items, more } = itemsOf(message.parts);
  const status = statusText(message);
  return html`
    ${items.length > 0 && h(ItemCards, { items, more, onOpen: onItem })}
    ${status !== null && html`<p class="answer-status">${status}</p>`}
    ${!message.is_deleted && h(AnswerActions, { message, client, isLast })}`;
}

/**
 * @param {object} props
 * @param {AssistantMessage} props.message
 * @param {AssistantClient} props.client
 * @param {boolean} props.isLast
 * @param {import("./item-cards.js").OpenItem} [props.onItem]
 */
export function Message({ message, client, isLast, onItem }) {
  const isMine = message.role === "user";
  const author = isMine ? t("assistant.you") : message.role === "human" ? t("assistant.person") : t("assistant.assistant");
  const hasText = message.content !== "";
  return html`
    <div class=${`turn turn-${isMine ? "own" : "other"}`} part=${isMine ? "message own" : "message"}
      data-testid=${message.role === "assistant" ? "assistant-answer" : undefined}>
      <span class=${message.role === "human" ? "turn-author" : "assistant-hidden"}>${author}</span>
      ${hasText && html`
        <div class=${`turn-bubble${message.is_deleted ? " is-deleted" : ""}`} dir="auto">
          ${message.is_deleted ? t("assistant.deleted") : h(LinkedText, { text: message.content })}
          <time class="turn-stamp" datetime=${message.created_at}>${formatTime(message.created_at)}</time>
        </div>`}
      ${message.role === "assistant" && h(AnswerExtras, { message, client, isLast, onItem })}
    </div>`;
}

/** @param {{ pending: AssistantPending, client: AssistantClient }} props */
export function Pending({ pending, client }) {
  const isRefused = pending.state === "refused";
  return html`
    <div class="turn turn-own" part="message own">
      <span class="assistant-hidden">${t("assistant.you")}</span>
      <div class="turn-bubble" dir="auto">
        ${h(LinkedText, { text: pending.content })}
        ${!isRefused && html`<span class="turn-stamp" role="img" aria-label=${t("assistant.sending")}>${h(Icon, { name: "clock", size: 13 })}</span>`}
      </div>
      ${isRefused && html`
        <p class="turn-refused" role="alert">
          <span>${pending.error?.message || t("assistant.not_sent")}</span>
          <button type="button" class="assistant-link" onClick=${() => client.retry(pending.key)}>${t("assistant.try_again")}</button>
          <button type="button" class="assistant-link" onClick=${() => client.discard(pending.key)}>${t("assistant.discard")}</button>
        </p>`}
    </div>`;
}
