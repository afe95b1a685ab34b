/** How to react to the close codes of docs/sockets.md. */

/** @import { StopReason } from "./types.js" */

export const ABNORMAL = 1006; // no close frame: the worker or the network failed
export const NEW_TOKEN = 4401;

/** Codes after which a reconnect would fail the same way. @type {Record<number, StopReason>} */
const STOPS = {
    1008: "refused",
    1009: "refused", // our frame was too large, and would be again
    4400: "refused", // our frames are malformed
    4403: "forbidden",
    4409: "replaced", // a newer connection replaced ours: reconnecting would replace it in turn
};

/** Why not to reconnect; undefined to reconnect, also after unknown codes. @param {number} code */
export function stopReason(code) {
    return STOPS[code];
}
