/** Messages in one form, whatever their source. */

/** @import { Message } from "./types.js" */

export const DELETED = "[deleted]";
const PREVIEW = 500; // characters of a quoted text

/** What is left of a deleted message: a device that saw only the deletion must equal one that saw an edit before it. */
const ERASED = {
    content: DELETED,
    location_data: null,
    is_edited: false,
    edited_at: null,
    attachments: [],
    attachments_count: 0,
    has_attachments: false,
    reply_to: null,
    mentions: [],
    forwarded_from: null,
    link_preview: null,
    original_language: null,
};

/**
 * A message as it is stored: without what follows from other data (reading and reactions).
 * @param {Message} message
 * @returns {Message}
 */
export function stored(message) {
    const { is_read, read_at, reactions, ...kept } = message;
    const erased = kept.is_deleted ? Object.entries(ERASED).filter(([name]) => name in kept) : [];
    return Object.assign(/** @type {Message} */ (/** @type {unknown} */ (kept)), Object.fromEntries(erased));
}

/** The beginning of a text, as quotes have it. The server counts code points. @param {string} content */
export function preview(content) {
    if (content.length <= PREVIEW) return content;
    const points = [...content];
    return points.length <= PREVIEW ? content : points.slice(0, PREVIEW - 1).join("") + "…";
}
