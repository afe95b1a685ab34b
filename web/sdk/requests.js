/** The request that executes each kind of command. */

/** @import { Command } from "./outbox.js" */

/** What is done to a message: the method, and what follows the path of the message. @type {Record<string, [method: string, path: string]>} */
const OF_MESSAGE = {
    edit: ["PATCH", ""],
    delete: ["DELETE", ""],
    react: ["POST", "/reactions"],
    unreact: ["DELETE", "/reactions"],
    pinMessage: ["POST", "/pin"],
    unpinMessage: ["DELETE", "/pin"],
    star: ["POST", "/star"],
    unstar: ["DELETE", "/star"],
    hide: ["POST", "/hide"],
};

/** Other commands that are no settings. @type {Record<string, (chatId: number | null) => [method: string, path: string]>} */
const OTHERS = {
    message: () => ["POST", "/messages"],
    read: () => ["PUT", "/messages/read"],
    draft: (chatId) => ["PUT", `/${chatId}/draft`],
    deleteChat: (chatId) => ["DELETE", `/${chatId}`],
};

/** Frames that are acknowledged with their key. @type {Record<string, string>} */
const FRAMES = { message: "message", edit: "edit_message" };

/** Above this many UTF-16 units a frame could exceed 64 KiB; the socket would be closed. */
const MOST_IN_FRAME = 20000;

/**
 * Method and path, below the chats. Other kinds are settings of a chat, by the last part of their path.
 * @param {Command} command
 * @returns {[method: string, path: string]}
 */
export function requestOf({ kind, chatId, messageId }) {
    const ofMessage = OF_MESSAGE[kind];
    if (ofMessage) return [ofMessage[0], `/messages/${messageId}${ofMessage[1]}`];
    return OTHERS[kind]?.(chatId) ?? ["POST", `/${chatId}/${kind}`];
}

/** The frame that executes a command; null if it needs a request. @param {Command} command */
export function frameOf({ kind, key, messageId, body }) {
    const type = FRAMES[kind];
    if (!type) return null;
    const frame = JSON.stringify({ type, ...(messageId && { message_id: messageId }), ...body, client_message_id: key });
    return frame.length > MOST_IN_FRAME ? null : frame;
}
