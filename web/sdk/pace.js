/** Bounds and periods of the client. */

/** Times in milliseconds. */
export const PACE = Object.freeze({
    /** Ceiling of the first delay before a reconnect; doubles with each failure, up to `reconnectMost`. */
    reconnectFirst: 1000,
    reconnectMost: 30000,
    /** Age of a connection after which the back-off begins again. */
    stableAfter: 10000,
    /** Until the greeting of a socket. */
    connectWait: 10000,
    /** Silence after which a ping is sent. */
    pingAfter: 20000,
    /** Without an answer to the ping the socket is abandoned: a half-open connection reports no error. */
    pongWait: 40000,
    /** The same after the device woke up or came online: the socket is probably dead. */
    probeWait: 5000,
    /** After which an unanswered command is sent again, with its key. */
    answerWait: 10000,
    /** Ceiling of the first delay before a retry, and the highest one. */
    retryFirst: 500,
    retryMost: 10000,
    /** Failures in a row after which the client polls, and the period. */
    pollAfterFailures: 3,
    pollEvery: 5000,
    /**
     * Most live frames, or time, after which the cursor is renewed: it bounds how long a lost push stays unnoticed. Each
     * client draws at least half as many.
     */
    refreshFrames: 500,
    refreshEvery: 60000,
    /** Between catch-ups for gaps: what comes meanwhile is read at once. */
    gapPause: 1000,
    /** Messages and changes of one page. */
    page: 100,
    /** Until a response, and until the end of an upload of one file. */
    restWait: 15000,
    uploadWait: 600000,
    /** Files that are uploaded at the same time. */
    uploads: 2,
    /** How often typing is announced while keys are pressed, and when it has stopped. The server forgets after 6 s. */
    typingEvery: 3000,
    typingEnds: 6000,
    /** Pause after which a draft is saved. */
    draftAfter: 1000,
    /** The leader of the tabs shows that it lives; without it for `stealAfter` a visible tab takes its place. */
    beatEvery: 1000,
    stealAfter: 4000,
    /** Age at which an unanswered message is not sent by itself any more: the server keeps keys for seven days. */
    keptFor: 6 * 86400000,
});

/** @typedef {{ [name in keyof typeof PACE]: number }} Pace */
