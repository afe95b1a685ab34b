/** The conversation with the shop's assistant, as the widget shows it too; with the account's earlier ones. */

import { h, html, useEffect, useState } from "../../ui/view.js";
import { AssistantClient } from "../../sdk/assistant.js";
import { useChanges } from "../../ui/assistant/changes.js";
import { AssistantConversation } from "../../ui/assistant/conversation.js";
import { HeadActions } from "../../ui/assistant/head-actions.js";
import { formatFull } from "../../ui/format.js";
import { Icon } from "../../ui/icons.js";
import { Menu } from "../../ui/menu.js";
import { language, t } from "../../ui/i18n.js";
import { useStore } from "../store.js";

/** @typedef {import("../../sdk/assistant.js").AssistantSession} AssistantSession */

/** Earlier conversations in the menu. */
const LISTED = 12;
/** @type {readonly import("../../ui/assistant/changes.js").ChangeKind[]} */
const OF_SESSION = ["session"];

/** A client for as long as the pane is open. @returns {AssistantClient | null} null before the session is known */
function useAssistant() {
  const store = useStore();
  const [client, setClient] = useState(/** @type {AssistantClient | null} */ (null));
  useEffect(() => {
    const opened = new AssistantClient({ useCookies: true, language: () => language.value });
    let isClosed = false;
    opened.resume().catch((error) => store.showError(error)).finally(() => {
      if (isClosed) return;
      opened.connect();
      setClient(opened);
    });
    return () => {
      isClosed = true;
      opened[Symbol.dispose]();
    };
  }, [store]);
  return client;
}

/** @param {{ client: AssistantClient }} props */
function History({ client }) {
  const store = useStore();
  const [open, setOpen] = useState(/** @type {{ anchor: HTMLElement, sessions: readonly AssistantSession[] } | null} */ (null));
  useChanges(client, OF_SESSION);
  const show = async (/** @type {MouseEvent} */ event) => {
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    const listed = await store.attempt(client.list({ limit: LISTED }));
    if (listed) setOpen({ anchor, sessions: listed.sessions.filter(({ message_count: count }) => count > 0) });
  };
  const label = t("assistant.history");
  return html`
    <button type="button" class="icon-button" title=${label} aria-label=${label} aria-haspopup="menu" aria-expanded=${open !== null}
      data-testid="assistant-history" onClick=${show}>${h(Icon, { name: "clock" })}</button>
    ${open && h(Menu, {
      label, anchor: open.anchor, onClose: () => setOpen(null),
      items: open.sessions.map((session) => ({
        label: formatFull(session.last_message_at ?? session.created_at),
        isChecked: session.session_id === client.session?.session_id,
        run: () => { void store.attempt(client.resume(session.session_id)); },
      })),
    }, open.sessions.length === 0 && html`<p class="assistant-none">${t("assistant.history_empty")}</p>`)}`;
}

export function AssistantPane() {
  const store = useStore();
  const client = useAssistant();
  return html`
    <section class="assistant-pane" aria-label=${t("assistant.title")} data-testid="assistant-pane">
      <header class="assistant-head">
        ${store.screen.isPhone.value && html`
          <button type="button" class="icon-button" aria-label=${t("assistant.back")} onClick=${() => store.router.back()}>${h(Icon, { name: "back" })}</button>`}
        <span class="assistant-mark">${h(Icon, { name: "sparkle" })}</span>
        <div class="assistant-names">
          <h2>${t("assistant.title")}</h2>
          <p>${t("assistant.subtitle")}</p>
        </div>
        ${client && h(HeadActions, { client })}
        ${client && h(History, { client })}
      </header>
      ${client ? h(AssistantConversation, { client }) : html`<div class="assistant" aria-busy="true"></div>`}
    </section>`;
}
