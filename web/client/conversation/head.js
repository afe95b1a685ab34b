/** The head of a conversation: the person or group, whether they are online, and the way to details and search. */

import { Avatar } from "../../ui/avatar.js";
import { formatAgo, formatList } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html } from "../../ui/view.js";
import { useStore } from "../store.js";

/** A time below this is not shown as a number: it would be wrong within seconds. In ms. */
const JUST_NOW = 60_000;

/** @param {string} at */
export function describeLastSeen(at) {
  const passed = Date.now() - Date.parse(at);
  return passed < JUST_NOW ? t("conversation.seen_just_now") : t("conversation.last_seen", { when: formatAgo(at) });
}

/**
 * @param {import("../../sdk/types.js").ShownChat} chat
 * @returns {string} its title, or the name of the other person
 */
export function titleOf(chat) {
  if (chat.kind === "group") return chat.title || t("conversation.group");
  return chat.other_user?.name || t("message.unknown_person");
}

/** @param {{ chat: import("../../sdk/types.js").ShownChat, nameOf: (userId: number) => string }} props */
function Status({ chat, nameOf }) {
  const store = useStore();
  const other = chat.other_user;
  const presence = other ? store.presence(other.id).value : null;
  if (chat.typing.length) {
    const names = chat.typing.map(nameOf).filter(Boolean);
    const text = chat.kind === "group" && names.length
      ? t("conversation.typing_names", { names: formatList(names.slice(0, 3)), count: names.length })
      : t("conversation.typing");
    return html`<span class="head-status is-typing" data-testid="typing">${text}</span>`;
  }
  if (chat.kind === "group") return html`<span class="head-status">${t("conversation.members", { count: chat.member_count ?? 0 })}</span>`;
  if (presence?.isOnline) return html`<span class="head-status is-online" data-testid="presence">${t("conversation.online")}</span>`;
  return presence?.lastSeen ? html`<span class="head-status" data-testid="presence">${describeLastSeen(presence.lastSeen)}</span>` : null;
}

/**
 * @param {{ chat: import("../../sdk/types.js").ShownChat, conversation: import("./model.js").Conversation }} props
 */
export function ConversationHead({ chat, conversation }) {
  const store = useStore();
  const { screen } = store;
  const other = chat.other_user;
  const title = titleOf(chat);
  const isOnline = other ? store.presence(other.id).value.isOnline : false;
  return html`
    <header class="conversation-head">
      ${screen.isPhone.value && html`
        <button type="button" class="icon-button head-back" aria-label=${t("conversation.back")} onClick=${() => store.deselect()}>
          ${h(Icon, { name: "back", size: 22 })}
        </button>`}
      <h1 class="head-heading"><button type="button" class="head-person" aria-expanded=${screen.details.value} data-testid="open-details"
        aria-label=${t("conversation.show_details", { name: title })} onClick=${() => { screen.details.value = !screen.details.value; }}>
        ${h(Avatar, {
          id: other?.id ?? chat.id, name: title, picture: chat.kind === "group" ? chat.picture_url : other?.picture_url, size: 40, isOnline,
        })}
        <span class="head-texts">
          <span class="head-name" dir="auto">${title}</span>
          ${h(Status, { chat, nameOf: (userId) => conversation.nameOf(userId) })}
        </span>
      </button></h1>
      <button type="button" class="icon-button" aria-label=${t("conversation.search")} title=${t("conversation.search")} aria-pressed=${conversation.isSearching.value}
        data-testid="search-conversation" onClick=${() => { conversation.isSearching.value = !conversation.isSearching.value; }}>
        ${h(Icon, { name: "search" })}
      </button>
      <button type="button" class="icon-button" aria-label=${t("conversation.details")} title=${t("conversation.details")}
        onClick=${() => { screen.details.value = !screen.details.value; }}>
        ${h(Icon, { name: "info" })}
      </button>
    </header>`;
}
