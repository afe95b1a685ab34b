/** The request that executes each kind of command. */

/** @import { Command } from "./outbox.js" */

/** @type {Record<string, (command: Command) => [method: string, path: string]>} */
const REQUESTS = {
    message: () => ["POST", "/messages"],
    read: () => ["PUT", "/messages/read"],
    edit: (command) => ["PATCH", message(command)],
    delete: (command) => ["DELETE", message(command)],
    react: (command) => ["POST", `${message(command)}/reactions`],
    unreact: (command) => ["DELETE", `${message(command)}/reactions`],
    pinMessage: (command) => ["POST", `${message(command)}/pin`],
    unpinMessage: (command) => ["DELETE", `${message(command)}/pin`],
    star: (command) => ["POST", `${message(command)}/star`],
    unstar: (command) => ["DELETE", `${message(command)}/star`],
    hide: (command) => ["POST", `${message(command)}/hide`],
    draft: (command) => ["PUT", `/${command.chatId}/draft`],
    deleteChat: (command) => ["DELETE", `/${command.chatId}`],
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
export function requestOf(command) {
    return REQUESTS[command.kind]?.(command) ?? ["POST", `/${command.chatId}/${command.kind}`];
}

/** The frame that executes a command; null if it needs a request. @param {Command} command */
export function frameOf({ kind, key, messageId, body }) {
    const type = FRAMES[kind];
    if (!type) return null;
    const frame = JSON.stringify({ type, ...(messageId && { message_id: messageId }), ...body, client_message_id: key });
    return frame.length > MOST_IN_FRAME ? null : frame;
}

/** @param {Command} command */
function message(command) {
    return `/messages/${command.messageId}`;
}
