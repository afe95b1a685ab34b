/** The messages of a session: stored ones, those being sent, and the answer on its way. */

import { h, html, useCallback, useEffect, useRef, useState } from "../view.js";
import { t } from "../texts.js";
import { useChanges } from "./changes.js";
import { LinkedText } from "./linked-text.js";
import { Message, Pending } from "./message.js";
import { PlainList } from "./plain-list.js";

/** @typedef {import("../../sdk/assistant.js").AssistantClient} AssistantClient */
/** @typedef {import("../../sdk/assistant.js").AssistantMessage} AssistantMessage */
/** @typedef {import("../../sdk/assistant.js").AssistantPending} AssistantPending */

/**
 * A row of the list. The same object as long as it shows the same.
 *
 * @typedef {{ key: string, message: AssistantMessage | null, pending: AssistantPending | null, isLast: boolean }} Row
 */

/** @type {readonly import("./changes.js").ChangeKind[]} */
const OF_LIST = ["messages", "pending", "session"];
/** @type {readonly import("./changes.js").ChangeKind[]} */
const OF_ANSWER = ["answer", "typing", "messages"];
const STATES = /** @type {const} */ ({
  thinking: "assistant.thinking", searching: "assistant.searching", generating: "assistant.generating", error: "assistant.failed",
});

/**
 * Rows of what the client knows. A message keeps the key under which it was sent, so that its row stays in its place.
 *
 * @param {AssistantClient} client
 * @param {Map<string, Row>} known  rows of the last time, by key
 * @returns {Row[]}
 */
function rowsOf(client, known) {
  const { messages, pending } = client;
  // Only the assistant answers once more, and only while it is its turn.
  const canRegenerate = pending.length === 0 && client.session?.responder === "assistant" && !client.session.handover && !client.session.ended_at;
  const last = canRegenerate ? messages.at(-1) : undefined;
  const stored = new Set();
  const rows = messages.map((message) => {
    const key = message.client_message_id ?? message.id;
    stored.add(key);
    return { key, message, pending: null, isLast: message === last };
  });
  const unsent = pending.filter(({ key }) => !stored.has(key)).map((each) => ({ key: each.key, message: null, pending: each, isLast: false }));
  return [...rows, ...unsent].map((row) => {
    const old = known.get(row.key);
    return old && old.message === row.message && old.pending === row.pending && old.isLast === row.isLast ? old : row;
  });
}

/** Replies that the last answer offers. @param {AssistantMessage | undefined} message @returns {string[]} */
function choicesOf(message) {
  const choices = message?.parts.find((part) => part.type === "data-choices")?.["data"]?.choices;
  return Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : [];
}

/** What follows the last message: the answer on its way, or replies to tap. @param {{ client: AssistantClient }} props */
function Footer({ client }) {
  useChanges(client, OF_ANSWER);
  const { answer, isHumanTyping } = client;
  const choices = answer || client.pending.length > 0 || client.session?.ended_at ? [] : choicesOf(client.messages.at(-1));
  const state = answer ? t(STATES[answer.state ?? "thinking"]) : isHumanTyping ? t("assistant.person_typing") : null;
  return html`
    ${state !== null && html`
      <div class="turn turn-other" part="message" data-testid="assistant-writing">
        ${answer?.text ? html`<div class="turn-bubble" dir="auto">${h(LinkedText, { text: answer.text })}</div>` : html`
          <div class="turn-bubble turn-waiting"><span class="turn-dots" aria-hidden="true"><i></i><i></i><i></i></span>${state}</div>`}
      </div>`}
    ${choices.length > 0 && html`
      <ul class="replies" aria-label=${t("assistant.replies")}>
        ${choices.map((choice) => html`<li key=${choice}>
          <button type="button" class="reply" dir="auto" onClick=${() => client.ask(choice)}>${choice}</button></li>`)}
      </ul>`}`;
}

/** Reads answers to who cannot see them: each once, when it is complete. @param {{ client: AssistantClient }} props */
function Announcer({ client }) {
  const [text, setText] = useState("");
  useEffect(() => client.on("answer", ({ message }) => setText(message.content)), [client]);
  return html`<div class="assistant-hidden" aria-live="polite">${text}</div>`;
}

/**
 * @param {object} props
 * @param {AssistantClient} props.client
 * @param {import("../view.js").Children} props.welcome  shown before the first message
 * @param {import("./item-cards.js").OpenItem} [props.onItem]
 */
export function Thread({ client, welcome, onItem }) {
  useChanges(client, OF_LIST);
  const known = useRef(/** @type {Map<string, Row>} */ (new Map()));
  const rows = rowsOf(client, known.current);
  known.current = new Map(rows.map((row) => [row.key, row]));
  const renderRow = useCallback((/** @type {Row} */ { message, pending, isLast }) => {
    if (message) return h(Message, { message, client, isLast, ...(onItem ? { onItem } : {}) });
    return pending && h(Pending, { pending, client });
  }, [client, onItem]);
  const loadOlder = useCallback(() => client.loadOlder(), [client]);
  if (rows.length === 0) return html`<div class="thread thread-empty">${welcome}</div>`;
  return html`
    <div class="thread">
      ${h(/** @type {typeof PlainList<Row>} */ (PlainList), {
        rows, renderRow, loadOlder, hasOlder: client.hasOlder, label: t("assistant.conversation"), footer: h(Footer, { client }),
      })}
      ${h(Announcer, { client })}
    </div>`;
}
