/** Errors of requests: refused for good, or unanswered. */

/** Base of all errors of the SDK. */
export class ChatError extends Error {
    /** @override */
    name = "ChatError";
}

/** The server refused a request; a retry would be refused as well. */
export class RefusedError extends ChatError {
    /**
     * @param {string} code such as `marketplace.chatNotFound` (docs/errors.md)
     * @param {string} [message] for people, in the language of the client
     * @param {number} [status] HTTP status; 0 over the socket
     * @param {Record<string, string>} [fields] invalid fields and the reason of each
     * @param {string | null} [requestId]
     */
    constructor(code, message = "", status = 0, fields = {}, requestId = null) {
        super(message || code);
        this.name = "RefusedError";
        this.code = code;
        this.status = status;
        this.fields = fields;
        this.requestId = requestId;
    }
}

/** No log-in, or it has ended: also a new token was refused. */
export class UnauthorizedError extends RefusedError {
    /** @override */
    name = "UnauthorizedError";
}

/** The outcome is unknown: no response, a 5xx, a limit, or a page that is not chatapp's. A retry may succeed. */
export class UnansweredError extends ChatError {
    /**
     * @param {string} reason
     * @param {number | null} [retryAfter] seconds to wait, as requested by the server
     * @param {number} [status] HTTP status; 0 without a response
     */
    constructor(reason, retryAfter = null, status = 0) {
        super(reason);
        this.name = "UnansweredError";
        this.retryAfter = retryAfter;
        this.status = status;
    }
}

/** How long the server asked to wait before a retry, in ms; 0 if it did not. @param {unknown} error */
export function requestedWait(error) {
    return error instanceof UnansweredError ? (error.retryAfter ?? 0) * 1000 : 0;
}

/** The log-in ended before the server answered. */
export class ClosedError extends ChatError {
    /** @override */
    name = "ClosedError";
}

/**
 * Report an error of a listener without disturbing the caller.
 * @param {unknown} error
 */
export function report(error) {
    if (typeof reportError === "function") reportError(error);
    else queueMicrotask(() => { throw error; });
}
