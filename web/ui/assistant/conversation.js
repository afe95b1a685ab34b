/** The conversation with the shop's assistant: what the widget and the client show below their heads. */

import { h, html, useCallback } from "../view.js";
import { Boundary } from "../boundary.js";
import { Icon } from "../icon.js";
import { t } from "../texts.js";
import { FailureNotice, attempt } from "./attempts.js";
import { useChanges } from "./changes.js";
import { Composer } from "./composer.js";
import { ConnectionNotice } from "./connection-notice.js";
import { Thread } from "./thread.js";

/** @typedef {import("../../sdk/assistant.js").AssistantClient} AssistantClient */

/** @type {readonly import("./changes.js").ChangeKind[]} */
const OF_SESSION = ["session", "answer"];
const EXAMPLES = /** @type {const} */ (["assistant.example_what", "assistant.example_gift", "assistant.example_person"]);
const ITEM_EXAMPLES = /** @type {const} */ (["assistant.example_details", "assistant.example_cheaper", "assistant.example_person"]);

/** @param {{ client: AssistantClient, hasItem: boolean }} props */
export function Welcome({ client, hasItem }) {
  return html`
    <div class="welcome">
      <span class="welcome-mark">${h(Icon, { name: "sparkle", size: 28 })}</span>
      <p class="welcome-title">${t("assistant.greeting")}</p>
      <p>${t("assistant.as_typed")}</p>
      <ul class="replies">
        ${(hasItem ? ITEM_EXAMPLES : EXAMPLES).map((key) => html`<li key=${key}>
          <button type="button" class="reply" onClick=${() => client.ask(t(key))}>${t(key)}</button></li>`)}
      </ul>
    </div>`;
}

/** Who answers, if it is not the assistant. @param {{ client: AssistantClient }} props */
function Responder({ client }) {
  const session = client.session;
  if (session?.responder !== "human" && session?.handover !== "offered") return null;
  return html`
    <div class="responder" role="status">
      ${h(Icon, { name: "person", size: 18 })}
      <span>${t(session.handover === "accepted" ? "assistant.person_answers" : "assistant.person_asked")}</span>
      <button type="button" class="assistant-link" onClick=${() => { void attempt(client, client.release()); }}>${t("assistant.back_to_assistant")}</button>
    </div>`;
}

/** @param {{ client: AssistantClient }} props */
function Foot({ client }) {
  useChanges(client, OF_SESSION);
  const { session, answer } = client;
  if (session?.ended_at) {
    return html`
      <div class="ended"><p>${t("assistant.ended")}</p>
        <button type="button" class="assistant-button" onClick=${() => { void attempt(client, client.open()); }}>${t("assistant.new")}</button>
      </div>`;
  }
  const isHuman = session?.responder === "human";
  return h(Composer, {
    onSend: (text) => { client.ask(text); },
    onKeystroke: () => client.typing(),
    ...(answer ? { onStop: () => { void attempt(client, client.stop()); } } : {}),
    placeholder: t(isHuman ? "assistant.placeholder_person" : "assistant.placeholder"),
  });
}

/** @param {{ client: AssistantClient }} props */
function ResponderStrip({ client }) {
  useChanges(client, OF_SESSION);
  return h(Responder, { client });
}

/**
 * @param {object} props
 * @param {AssistantClient} props.client
 * @param {boolean} [props.hasItem]  whether the visitor is on the page of an item
 * @param {import("../view.js").Children} [props.welcome]  instead of the greeting
 * @param {import("./item-cards.js").OpenItem} [props.onItem]  follows a card that has no address
 */
export function AssistantConversation({ client, hasItem = false, welcome, onItem }) {
  const open = useCallback((/** @type {import("./item-cards.js").Card} */ card) => onItem?.(card), [onItem]);
  return h(Boundary, { name: "assistant" }, html`
    <div class="assistant">
      ${h(ConnectionNotice, { client, onRestart: () => { void attempt(client, client.open().then(() => client.connect())); } })}
      ${h(FailureNotice, { client })}
      ${h(ResponderStrip, { client })}
      ${h(Thread, { client, welcome: welcome ?? h(Welcome, { client, hasItem }), ...(onItem ? { onItem: open } : {}) })}
      ${h(Foot, { client })}
    </div>`);
}
