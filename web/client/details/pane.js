/** The other person or the group of a chat, and what was shared in it. */

import { Avatar } from "../../ui/avatar.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html } from "../../ui/view.js";
import { describeLastSeen, titleOf } from "../conversation/head.js";
import { ItemBar } from "../conversation/item-bar.js";
import { useStore } from "../store.js";
import { ChatActions } from "./chat-actions.js";
import { GroupHead } from "./group-head.js";
import { Members } from "./members.js";
import { Shared } from "./shared.js";

/** @param {{ chat: import("../../sdk/types.js").ShownChat }} props */
function PersonHead({ chat }) {
  const store = useStore();
  const other = chat.other_user;
  const presence = other ? store.presence(other.id).value : null;
  const status = presence?.isOnline ? t("conversation.online") : presence?.lastSeen ? describeLastSeen(presence.lastSeen) : "";
  return html`
    <div class="details-head">
      ${h(Avatar, { id: other?.id ?? chat.id, name: titleOf(chat), picture: other?.picture_url, size: 88 })}
      <h3 class="details-name" dir="auto">${titleOf(chat)}</h3>
      ${status && html`<p class="details-status">${status}</p>`}
    </div>`;
}

/** @param {{ chatId: number }} props */
export function DetailsPane({ chatId }) {
  const store = useStore();
  const chat = store.chat(chatId).value;
  if (!chat) return null;
  const isGroup = chat.kind === "group";
  const close = () => { store.screen.details.value = false; };
  return html`
    <div class="details" data-testid="details"
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}>
      <header class="details-bar">
        <h2 class="details-title">${t(isGroup ? "details.group" : "details.person")}</h2>
        <button type="button" class="icon-button" aria-label=${t("ui.close")} data-testid="close-details" onClick=${close}>${h(Icon, { name: "close" })}</button>
      </header>
      <div class="details-body" tabindex="0">
        ${isGroup ? h(GroupHead, { chat }) : h(PersonHead, { chat })}
        ${chat.item && html`<div class="details-item">${h(ItemBar, { item: chat.item, kind: chat.kind })}</div>`}
        ${h(ChatActions, { key: `actions ${chatId}`, chat })}
        ${isGroup && h(Members, { key: `members ${chatId}`, chat })}
        ${h(Shared, { key: `shared ${chatId}`, chatId })}
      </div>
    </div>`;
}
