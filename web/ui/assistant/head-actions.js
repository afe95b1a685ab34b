/** Buttons for the head of a conversation with the assistant. */

import { h, html } from "../view.js";
import { Icon } from "../icon.js";
import { t } from "../texts.js";
import { attempt } from "./attempts.js";
import { useChanges } from "./changes.js";

/** @type {readonly import("./changes.js").ChangeKind[]} */
const OF_SESSION = ["session", "messages"];

/** @param {{ client: import("../../sdk/assistant.js").AssistantClient }} props */
export function HeadActions({ client }) {
  useChanges(client, OF_SESSION);
  const { session, messages } = client;
  const canAsk = session !== null && session.ended_at === null && session.handover === null && messages.length > 0;
  const button = (
    /** @type {import("../icons.js").IconName} */ icon, /** @type {string} */ label, /** @type {() => Promise<unknown>} */ run,
  ) => html`
    <button type="button" class="icon-button" title=${label} aria-label=${label} onClick=${() => { void attempt(client, run()); }}>
      ${h(Icon, { name: icon })}</button>`;
  return html`
    ${canAsk && button("person", t("assistant.talk_to_person"), () => client.handOver())}
    ${messages.length > 0 && button("compose", t("assistant.new"), () => client.open())}`;
}
