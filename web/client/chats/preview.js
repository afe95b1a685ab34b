/** A message in one line: for the list, for notifications. */

import { t } from "../../ui/i18n.js";
import { describeSystemNote } from "../conversation/system-text.js";

/** @typedef {import("../../sdk/index.js").LastMessage} LastMessage */
/** @typedef {import("../../ui/icons.js").IconName} IconName */

/** @type {Record<string, { icon: IconName, text: import("../../ui/i18n.js").Key }>} */
const WITHOUT_TEXT = {
  image: { icon: "photo", text: "chats.preview_image" },
  video: { icon: "video", text: "chats.preview_video" },
  audio: { icon: "play", text: "chats.preview_audio" },
  voice: { icon: "mic", text: "chats.preview_voice" },
  file: { icon: "file", text: "chats.preview_file" },
  location: { icon: "location", text: "chats.preview_location" },
};

/**
 * @typedef {object} Preview
 * @property {string} author  "You" or a name, where it is to be said; else empty
 * @property {IconName | null} icon
 * @property {string} text
 * @property {boolean} isSoft  in italics: a notice instead of a text
 */

/**
 * @param {LastMessage} message
 * @param {number} me
 * @param {boolean} isGroup
 * @returns {Preview}
 */
export function previewOf(message, me, isGroup) {
  const senderId = message.sender_id ?? message.sender?.id;
  const name = message.sender?.name ?? "";
  if (message.system) {
    return { author: "", icon: null, text: describeSystemNote(message.system, name), isSoft: true };
  }
  const author = senderId !== undefined && senderId === me ? t("chats.you") : isGroup ? name : "";
  if (message.is_deleted) return { author, icon: null, text: t("chats.preview_deleted"), isSoft: true };
  const kind = WITHOUT_TEXT[message.message_type ?? ""];
  const text = message.content.replace(/\s+/g, " ").trim();
  if (kind) return { author, icon: kind.icon, text: text || t(kind.text), isSoft: false };
  if (text) return { author, icon: null, text, isSoft: false };
  return { author, icon: "attach", text: t("chats.preview_attachment"), isSoft: false };
}

/**
 * A message as a line of text.
 *
 * @param {LastMessage} message
 * @param {number} me
 * @param {boolean} isGroup
 */
export function describeMessage(message, me, isGroup) {
  const { author, text } = previewOf(message, me, isGroup);
  return author ? t("chats.author_says", { author, text }) : text;
}
