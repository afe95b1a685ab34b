/** Keeps a store complete: reads the list at first, then what has happened since its cursor, one request at a time. */

/** @import { ChatSummary, Frame } from "./types.js" */
/** @import { Pace } from "./pace.js" */
/** @import { Rest } from "./rest.js" */
/** @import { Store } from "./store.js" */
import { BackOff } from "./backoff.js";
import { RefusedError, UnansweredError, report, requestedWait } from "./errors.js";

const BAD_CURSOR = /badCursor$/;
const PAGE_OF_LIST = 100;

/**
 * Live frames arrive between the pages and are applied as they come: both carry ids and versions, so their order does not
 * matter. Only pages move the cursor, since live frames do not show what is missing.
 */
export class CatchUp {
    /** Whether the chats before the cursor have been read. */
    isLoaded = false;
    #isWanted = false;
    #isRunning = false;
    #isStopped = true;
    #liveFrames = 0;
    /** Members of a busy chat receive the same frames, and all would renew their cursors at the same moment. */
    #patience = 0.5 + Math.random() / 2;
    /** Grows with each reset: pages of an earlier one are void. */
    #epoch = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #renewal;
    #backoff;
    #rest;
    #store;
    #pace;
    #handlers;

    /**
     * @param {Rest} rest
     * @param {Store} store
     * @param {Pace} pace
     * @param {{ list(summaries: ChatSummary[]): void, news(frames: Frame[], page: Frame): void, changed(): void, failed(error: Error): void }} handlers
     */
    constructor(rest, store, pace, handlers) {
        this.#rest = rest;
        this.#store = store;
        this.#pace = pace;
        this.#handlers = handlers;
        this.#backoff = new BackOff(pace.reconnectFirst, pace.reconnectMost);
    }

    /** Whether nothing is known to be missing. */
    get isComplete() {
        return this.isLoaded && !this.#isWanted && !this.#isRunning && !this.#store.needsResume;
    }

    /** Begin to work. */
    start() {
        this.#isStopped = false;
        this.#renewal ??= setInterval(() => this.want(), this.#pace.refreshEvery * this.#patience);
        this.want();
    }

    /** End; a request under way is ignored. */
    stop() {
        this.#isStopped = true;
        this.#epoch++;
        this.#isRunning = false;
        this.#endPause();
        clearInterval(this.#renewal);
        this.#renewal = undefined;
    }

    /** Something may be missing: read it. */
    want() {
        this.#isWanted = true;
        if (!this.#isStopped && !this.#isRunning && this.#timer === undefined) this.#run(this.#epoch);
    }

    /** The server can be reached again: do not wait for the end of a pause. */
    wantNow() {
        this.#endPause();
        this.want();
    }

    /** A live frame was applied. */
    liveFrame() {
        // Renewing the cursor bounds what a reconnect reads again, and how long a lost push stays unnoticed.
        const isOld = ++this.#liveFrames >= this.#pace.refreshFrames * this.#patience;
        if (isOld || this.#store.needsResume) this.want();
    }

    /** Discard everything: it is read again. */
    restart() {
        this.#epoch++;
        this.#isRunning = false;
        this.isLoaded = false;
        this.#store.reset();
        this.want();
    }

    /** @param {number} epoch */
    async #run(epoch) {
        this.#isRunning = true;
        this.#handlers.changed();
        /** @type {Error | null} */
        let failure = null;
        try {
            while (epoch === this.#epoch && (this.#isWanted || this.#store.needsResume)) {
                const hasMore = await this.#step(epoch);
                if (!hasMore && this.#store.needsResume) await sleep(this.#pace.gapPause);
            }
            this.#backoff.succeeded();
        } catch (error) {
            failure = /** @type {Error} */ (error);
        }
        if (epoch !== this.#epoch) return;
        this.#isRunning = false;
        if (failure) this.#failed(failure);
        this.#handlers.changed();
    }

    /** Read one page; returns whether there is more. @param {number} epoch */
    async #step(epoch) {
        if (this.#store.cursor === null) {
            const cursor = await this.#rest.currentCursor();
            if (epoch !== this.#epoch) return false;
            this.#store.cursor = cursor;
            this.isLoaded = false;
        }
        if (!this.isLoaded) {
            const summaries = await this.#rest.chat("GET", "", { query: { limit: PAGE_OF_LIST } });
            if (epoch !== this.#epoch) return false;
            this.#store.applyChats(summaries, true);
            this.isLoaded = true;
            this.#handlers.list(summaries);
        }
        this.#isWanted = false; // what comes from now on is another reason
        this.#liveFrames = 0;
        this.#store.beginCatchUp();
        const { cursor } = this.#store;
        const page = await this.#rest.chat("GET", "/messages/since", { query: { cursor, limit: this.#pace.page } });
        if (epoch !== this.#epoch) return false;
        if (page.full_sync) {
            this.restart();
            return false;
        }
        const news = this.#store.applyPage(page, cursor);
        this.#isWanted ||= page.has_more;
        this.#handlers.news(news, page);
        return page.has_more;
    }

    /** @param {Error} error */
    #failed(error) {
        this.#isWanted = true;
        if (error instanceof RefusedError) return BAD_CURSOR.test(error.code) ? this.restart() : this.#handlers.failed(error);
        if (!(error instanceof UnansweredError)) report(error); // a defect, here or in the server's answer: visible, and tried again
        this.#timer = setTimeout(() => this.wantNow(), this.#backoff.next(requestedWait(error)));
    }

    #endPause() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
    }
}

/** @param {number} ms */
function sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}
