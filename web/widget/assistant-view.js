/** The shop's assistant in the widget. */

import { h, html } from "../ui/view.js";
import { AssistantConversation, Welcome } from "../ui/assistant/conversation.js";
import { HeadActions } from "../ui/assistant/head-actions.js";
import { AssistantClient } from "../sdk/assistant.js";
import { language } from "./texts.js";

/**
 * Begin: with the visitor's last session, if there is one.
 *
 * @param {import("./panel.js").Visit} visit
 * @returns {import("./panel.js").Conversation}
 */
export function open({ server, getToken, item, onUnread, onItem }) {
  const client = new AssistantClient({
    baseUrl: server, language: () => language.value, item, ...(getToken ? { getToken } : {}),
  });
  const listening = new AbortController();
  const { signal } = listening;
  let isOpen = false;
  /** The newest message that was on the screen. */
  let seen = 0;
  const count = () => {
    const newest = client.messages.at(-1)?.seq ?? 0;
    if (isOpen || seen === 0) seen = newest;
    onUnread(client.messages.filter(({ seq, role }) => seq > seen && role !== "user").length);
  };
  client.on("change", ({ kinds }) => { if (kinds.has("messages")) count(); }, { signal });

  client.resume().then(() => client.connect(), reportError);
  return {
    view: h(AssistantConversation, {
      client, onItem, welcome: html`<slot name="empty">${h(Welcome, { client, hasItem: item !== null })}</slot>`,
    }),
    actions: html`<span class="widget-actions">${h(HeadActions, { client })}</span>`,
    setOpen: (open) => {
      isOpen = open;
      count();
    },
    dispose: () => {
      listening.abort();
      client[Symbol.dispose]();
    },
  };
}
