/** What clients use of the page or of Node, unless they are given something else. */

/** @import { ConnectionOptions } from "./types.js" */
/** @import { LinkOptions } from "./connection.js" */
/** @import { Credentials } from "./rest.js" */
import { PACE } from "./pace.js";
import { Rest } from "./rest.js";

/** @param {Omit<ConnectionOptions, "getToken">} options @param {Credentials} credentials */
export function platformOf({
    baseUrl = location.origin,
    language,
    fetch = globalThis.fetch.bind(globalThis),
    WebSocket = globalThis.WebSocket,
    eventTarget = typeof addEventListener === "function" ? globalThis : undefined,
    pace: changes,
}, credentials) {
    const pace = { ...PACE, ...changes };
    const rest = new Rest({ baseUrl, credentials, language, fetch, pace });
    /** @type {Omit<LinkOptions, "address">} */
    const socket = { forgetToken: () => rest.forgetToken(), WebSocket, pace, eventTarget };
    return { rest, socket };
}
