/** The pinned messages of a conversation, one at a time. */

import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { summarize } from "./quote.js";

/**
 * @param {{ conversation: import("./model.js").Conversation, canPin: boolean }} props
 */
export function PinsBar({ conversation, canPin }) {
  const { store, client, chatId } = conversation;
  void store.revision(chatId, "pins").value;
  void store.revision(chatId, "messages").value;
  const pinned = client.state.pinned(chatId);
  const [place, setPlace] = useState(0);
  useEffect(() => {
    if (place >= pinned.length) setPlace(0);
  }, [pinned]);
  const id = pinned[place] ?? pinned[0];
  if (id === undefined) return null;
  const message = client.state.message(chatId, id);

  // Each press shows the pinned message, and offers the one before it.
  function show() {
    void conversation.jump(/** @type {number} */ (id));
    setPlace((place + 1) % pinned.length);
  }

  return html`
    <div class="pins-bar" data-testid="pins-bar">
      <button type="button" class="pins-open" onClick=${show} aria-label=${t("conversation.show_pinned")}>
        ${h(Icon, { name: "pin", size: 16 })}
        <span class="pins-texts">
          <span class="pins-title">${pinned.length > 1 ? t("conversation.pinned_of", { place: place + 1, count: pinned.length }) : t("conversation.pinned")}</span>
          <span class="pins-text" dir="auto">${message ? summarize(message) : t("conversation.pinned_earlier")}</span>
        </span>
      </button>
      ${canPin && html`
        <button type="button" class="icon-button" aria-label=${t("message.unpin")} title=${t("message.unpin")}
          onClick=${() => void client.unpin(chatId, id)}>${h(Icon, { name: "close", size: 16 })}</button>`}
    </div>`;
}
