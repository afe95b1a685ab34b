/** What a chat is called, and how it is pictured. */

import { t } from "../../ui/i18n.js";

/** @typedef {import("../../sdk/index.js").ShownChat} ShownChat */

/**
 * @param {ShownChat} chat
 * @returns {string} the title of a group, the name of the other person
 */
export function titleOf(chat) {
  if (chat.kind === "group") return chat.title || t("chats.group");
  if (chat.kind === "assistant") return chat.title || t("assistant.title");
  return chat.other_user?.name || t("chats.unknown_person");
}

/** @param {ShownChat} chat */
export function pictureOf(chat) {
  return chat.kind === "group" ? chat.picture_url : chat.other_user?.picture_url;
}

/**
 * The id by which a chat's avatar gets its colour: the person's, so that it is the same in every chat with them.
 *
 * @param {ShownChat} chat
 */
export const faceOf = (chat) => chat.other_user?.id ?? chat.id;

/** @param {ShownChat | undefined} chat */
export const isUnread = (chat) => chat !== undefined && (chat.unread_count > 0 || chat.is_marked_unread);
