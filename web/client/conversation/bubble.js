/** One message: what it answers, its files, its text, its reactions. */

import { Avatar } from "../../ui/avatar.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useComputed } from "../../ui/view.js";
import { Attachments } from "./attachments.js";
import { LinkPreviewCard } from "./link-preview.js";
import { LocationCard } from "./location-card.js";
import { QuoteBlock } from "./quote.js";
import { Reactions } from "./reactions.js";
import { Stamp } from "./stamp.js";
import { MessageText, countEmoji } from "./text.js";

/**
 * What a message needs from the conversation it is in. The same object as long as the conversation is open.
 *
 * @typedef {object} Surroundings
 * @property {import("../../sdk/index.js").ChatClient} client
 * @property {(userId: number) => string} nameOf  empty if unknown
 * @property {import("./message-actions.js").MessageActions} actions
 * @property {import("../../ui/view.js").Signal<number>} near  id of the message that was pointed at or focused last
 */

/**
 * @param {Surroundings} surroundings
 * @param {number} userId
 */
function displayName({ client, nameOf }, userId) {
  return userId === client.state.me ? t("message.you") : nameOf(userId) || t("message.unknown_person");
}

/** @param {{ row: import("./rows.js").MessageRow, surroundings: Surroundings, terms: readonly string[] }} props */
function Contents({ row, surroundings, terms }) {
  const { message } = row;
  const { client, actions } = surroundings;
  const { reply_to: quote, forwarded_from: origin, attachments } = message;
  const emoji = attachments.length || quote ? 0 : countEmoji(message.content);
  const names = message.mentions.map((userId) => userId === client.state.me ? client.state.person(userId)?.name ?? "" : surroundings.nameOf(userId));
  return html`
    ${origin && html`
      <div class="forwarded">${h(Icon, { name: "forward", size: 13 })}<span dir="auto">${t("message.forwarded_from", { name: origin.sender_name || t("message.unknown_person") })}</span></div>`}
    ${quote && h(QuoteBlock, {
      quote, name: displayName(surroundings, quote.sender_id), onOpen: row.pending ? undefined : () => actions.jump(quote.id),
    })}
    ${attachments.length > 0 && h(Attachments, { client, attachments, onOpen: (attachment) => actions.openGallery(message, attachment) })}
    ${message.location_data && h(LocationCard, { location: message.location_data })}
    ${message.content && html`
      <span class=${emoji ? `message-text is-emoji emoji-${emoji}` : "message-text"} dir="auto">${h(MessageText, { content: message.content, names, terms })}</span>`}
    ${message.link_preview && h(LinkPreviewCard, { preview: message.link_preview })}`;
}

/** @param {{ row: import("./rows.js").MessageRow, actions: import("./message-actions.js").MessageActions }} props */
function Refusal({ row, actions }) {
  const pending = row.pending;
  if (!pending || pending.state !== "refused") return null;
  return html`
    <div class="refusal" role="alert">
      <span>${t("message.not_sent")}${pending.error?.message ? html`<span class="refusal-reason">${` ${pending.error.message}`}</span>` : null}</span>
      <button type="button" class="refusal-button" onClick=${() => actions.retry(pending.key)}>${t("message.try_again")}</button>
      <button type="button" class="refusal-button" onClick=${() => actions.discard(pending.key)}>${t("message.discard")}</button>
    </div>`;
}

/**
 * Only one message has a toolbar in the document: a chat on the screen stays small. It stays when the pointer leaves, so
 * that the focus can return to it.
 *
 * @param {{ row: import("./rows.js").MessageRow, surroundings: Surroundings }} props
 */
function Toolbar({ row, surroundings }) {
  const { message } = row;
  const { actions, near } = surroundings;
  const isNear = useComputed(() => near.value === message.id).value;
  if (!isNear) return null;
  return html`
    <div class="message-toolbar" role="toolbar" aria-label=${t("message.actions")}>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${t("message.react")} title=${t("message.react")}
        onClick=${(/** @type {MouseEvent} */ event) => actions.openReactions(message, event)}>${h(Icon, { name: "smile", size: 18 })}</button>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${t("message.reply")} title=${t("message.reply")}
        onClick=${() => actions.reply(message)}>${h(Icon, { name: "reply", size: 18 })}</button>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${t("message.more")} title=${t("message.more")}
        onClick=${(/** @type {MouseEvent} */ event) => actions.openMenu(row, event)}>${h(Icon, { name: "more", size: 18 })}</button>
    </div>`;
}

/** @param {import("./rows.js").MessageRow} row @param {boolean} isGroup */
function classOf({ own, first, last, message, pending, tick }, isGroup) {
  const { content, attachments, is_deleted: isDeleted, reply_to: quote, location_data: location } = message;
  const isEmoji = !isDeleted && !attachments.length && !quote && !location && countEmoji(content) > 0;
  const isBare = attachments.some(({ file_type: type }) => type === "image" || type === "video") || location;
  return [
    "message", own ? "is-own" : "is-other", first && "is-first", last && "is-last", isGroup && !own && "is-in-group",
    isEmoji && "is-jumbo", isBare && "has-media", isBare && !content && "is-media-only", isDeleted && "is-removed",
    message.reactions.length > 0 && "has-reactions", pending && `is-${pending.state}`, tick === "refused" && "is-refused",
  ].filter(Boolean).join(" ");
}

/**
 * @param {{
 *   row: import("./rows.js").MessageRow,
 *   surroundings: Surroundings,
 *   isGroup: boolean,
 *   terms?: readonly string[],
 *   isReadOnly?: boolean,
 * }} props  isGroup: with the names of senders. isReadOnly: without toolbar and menu
 */
export function Bubble({ row, surroundings, isGroup, terms = [], isReadOnly = false }) {
  const { message, own, first, last } = row;
  const { actions } = surroundings;
  const name = surroundings.nameOf(message.sender_id) || message.sender?.name || "";
  const hasMenu = !row.pending && !message.is_deleted && !isReadOnly;
  return html`
    <div class=${classOf(row, isGroup)} data-message-id=${message.id || null}
      onContextMenu=${(/** @type {MouseEvent} */ event) => hasMenu && actions.openMenu(row, event)}
      onDblClick=${(/** @type {MouseEvent} */ event) => hasMenu && actions.replyByDoubleClick(message, event)}>
      ${isGroup && !own && html`<span class="message-avatar">${last && h(Avatar, { id: message.sender_id, name, picture: message.sender?.picture_url, size: 30 })}</span>`}
      <div class="message-column">
        <div class="bubble">
          ${!own && html`<span class="visually-hidden">${name}: </span>`}
          ${isGroup && !own && first && html`<span class="message-sender" dir="auto">${name}</span>`}
          ${message.is_deleted
            ? html`<span class="message-text is-deleted">${t("message.deleted")}</span>`
            : h(Contents, { row, surroundings, terms })}
          ${h(Stamp, { at: message.created_at, tick: row.tick, isEdited: message.is_edited && !message.is_deleted, isStarred: row.isStarred, isPinned: row.isPinned })}
        </div>
        ${!message.is_deleted && h(Reactions, {
          reactions: message.reactions, nameOf: (userId) => displayName(surroundings, userId),
          onToggle: (emoji, mine) => actions.toggleReaction(message, emoji, mine),
          onAdd: (event) => actions.openReactions(message, event),
        })}
        ${h(Refusal, { row, actions })}
        ${hasMenu && h(Toolbar, { row, surroundings })}
      </div>
    </div>`;
}
