/** Uploads of files: a few at a time, with progress, repeated while the network fails. */

/** @import { Attachment, Upload } from "./types.js" */
/** @import { Pace } from "./pace.js" */
/** @import { Rest, Transport } from "./rest.js" */
import { BackOff } from "./backoff.js";
import { UnansweredError, requestedWait } from "./errors.js";

export class Uploads {
    #rest;
    #pace;
    #running = 0;
    /** @type {(() => void)[]} */
    #waiting = [];

    /** @param {Rest} rest @param {Pace} pace */
    constructor(rest, pace) {
        this.#rest = rest;
        this.#pace = pace;
    }

    /**
     * Upload a file.
     * @param {Blob} file
     * @param {object} [options]
     * @param {string} [options.name] by default that of the file
     * @param {boolean} [options.voice] whether it is a voice message
     * @param {(fraction: number) => void} [options.onProgress] from 0 to 1
     * @param {AbortSignal} [options.signal]
     * @returns {Upload}
     */
    start(file, { name = file instanceof File ? file.name : "file", voice = false, onProgress = () => {}, signal } = {}) {
        const cancelling = new AbortController();
        const cancel = () => cancelling.abort();
        signal?.addEventListener("abort", cancel, { once: true });
        if (signal?.aborted) cancel();
        const form = new FormData();
        if (voice) form.append("voice", "1");
        form.append("files", file, name);
        let progress = 0;
        const stored = this.#run(form, cancelling.signal, (fraction) => onProgress((progress = fraction)));
        stored.catch(() => {}); // the caller may only look at the progress
        return { stored, cancel, get progress() { return progress; } };
    }

    /** @param {FormData} form @param {AbortSignal} signal @param {(fraction: number) => void} onProgress @returns {Promise<Attachment>} */
    async #run(form, signal, onProgress) {
        const backoff = new BackOff(this.#pace.retryFirst, this.#pace.retryMost);
        const transport = typeof XMLHttpRequest === "undefined" ? undefined : withProgress(onProgress);
        const key = crypto.randomUUID();
        for (;;) {
            await this.#enter(signal);
            try {
                const [attachment] = await this.#rest.chat("POST", "/attachments", { body: form, key, signal, transport, wait: this.#pace.uploadWait });
                onProgress(1);
                return attachment;
            } catch (error) {
                if (!(error instanceof UnansweredError)) throw error;
                await pause(backoff.next(requestedWait(error)), signal);
            } finally {
                this.#leave();
            }
        }
    }

    /** Wait for a place. @param {AbortSignal} signal */
    async #enter(signal) {
        while (this.#running >= this.#pace.uploads) await new Promise((resolve) => this.#waiting.push(() => resolve(null)));
        this.#running++;
        if (signal.aborted) {
            this.#leave();
            signal.throwIfAborted();
        }
    }

    #leave() {
        this.#running--;
        this.#waiting.shift()?.();
    }
}

/** XMLHttpRequest, since fetch does not show the progress of an upload. @param {(fraction: number) => void} onProgress @returns {Transport} */
function withProgress(onProgress) {
    return (url, { method = "POST", headers, body, signal, credentials }) => new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(method, url);
        request.withCredentials = credentials === "include";
        for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
        request.upload.onprogress = ({ loaded, total }) => onProgress(total ? Math.min(0.99, loaded / total) : 0);
        request.onerror = () => reject(new Error("the network failed"));
        request.onabort = () => reject(signal?.reason);
        request.onload = () => resolve({
            status: request.status,
            headers: { get: (name) => request.getResponseHeader(name) },
            text: async () => request.responseText,
        });
        signal?.addEventListener("abort", () => request.abort(), { once: true });
        if (signal?.aborted) return reject(signal.reason);
        request.send(/** @type {FormData} */ (body));
    });
}

/** @param {number} ms @param {AbortSignal} signal */
function pause(ms, signal) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(signal.reason);
        }, { once: true });
    });
}
