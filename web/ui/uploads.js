/** The files of a message that is being written: each is uploaded at once, and sent with the message. */

import { RefusedError } from "../sdk/index.js";

/** As many as a message may have. */
export const FILE_LIMIT = 10;
/** The formats that the server accepts; it decides by the content, this only guides the choice. */
export const ACCEPTED = "image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,audio/*,application/pdf";
/** A progress that is shown for less than this flickers. In ms. */
const SHOWN_AT_LEAST = 400;

/**
 * @typedef {object} Tile
 * @property {number} id
 * @property {File} file
 * @property {number} progress  from 0 to 1
 * @property {"uploading" | "stored" | "failed"} state
 * @property {string} error  why it was refused
 * @property {import("../sdk/types.js").Attachment | null} attachment
 */

/** Why files were not taken: their names. @typedef {{ tooLarge: string[], empty: string[], hasTooMany: boolean }} Refusals */

export class Uploads {
  #running = /** @type {Map<number, import("../sdk/types.js").Upload>} */ (new Map());
  #nextId = 1;

  /**
   * @param {import("../sdk/index.js").ChatClient} client
   * @param {object} options
   * @param {{ value: readonly Tile[] }} options.tiles  holds them, such as a signal: it notices when they change
   * @param {number} options.maxBytes
   * @param {(error: unknown) => void} options.onFault  receives errors that are no refusals
   */
  constructor(client, { tiles, maxBytes, onFault }) {
    this.client = client;
    this.tiles = tiles;
    this.maxBytes = maxBytes;
    this.onFault = onFault;
  }

  get isUploading() {
    return this.tiles.value.some((tile) => tile.state === "uploading");
  }

  get hasFailed() {
    return this.tiles.value.some((tile) => tile.state === "failed");
  }

  /** What can be sent. */
  get attachments() {
    return this.tiles.value.flatMap(({ attachment }) => attachment ?? []);
  }

  /**
   * Upload files, all that are allowed.
   *
   * @param {readonly File[]} files
   * @returns {Refusals} why others are not
   */
  add(files) {
    const tooLarge = files.filter(({ size }) => size > this.maxBytes);
    const empty = files.filter(({ size }) => size === 0);
    const allowed = files.filter((file) => !tooLarge.includes(file) && !empty.includes(file));
    const room = FILE_LIMIT - this.tiles.value.length;
    for (const file of allowed.slice(0, room)) this.#start(file);
    return { tooLarge: tooLarge.map(({ name }) => name), empty: empty.map(({ name }) => name), hasTooMany: allowed.length > room };
  }

  /** @param {File} file */
  #start(file) {
    const id = this.#nextId++;
    this.tiles.value = [...this.tiles.value, { id, file, progress: 0, state: "uploading", error: "", attachment: null }];
    void this.#run(id, file);
  }

  /** @param {number} id @param {File} file */
  async #run(id, file) {
    const began = performance.now();
    const upload = this.client.upload(file, { onProgress: (progress) => this.#change(id, { progress }) });
    this.#running.set(id, upload);
    try {
      const attachment = await upload.stored;
      const wait = SHOWN_AT_LEAST - (performance.now() - began);
      if (wait > 0) await new Promise((done) => { setTimeout(done, wait); });
      this.#change(id, { state: "stored", progress: 1, attachment });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      if (!(error instanceof RefusedError)) this.onFault(error);
      this.#change(id, { state: "failed", error: error instanceof RefusedError ? error.message : "" });
    } finally {
      this.#running.delete(id);
    }
  }

  /** @param {number} id @param {Partial<Tile>} changes */
  #change(id, changes) {
    this.tiles.value = this.tiles.value.map((tile) => tile.id === id ? { ...tile, ...changes } : tile);
  }

  /** @param {number} id */
  retry(id) {
    const tile = this.tiles.value.find((other) => other.id === id);
    if (!tile || tile.state !== "failed") return;
    this.#change(id, { state: "uploading", progress: 0, error: "" });
    void this.#run(id, tile.file);
  }

  /** Cancel a file that is being uploaded; a stored one is deleted. @param {number} id */
  remove(id) {
    this.#running.get(id)?.cancel();
    const tile = this.tiles.value.find((other) => other.id === id);
    this.tiles.value = this.tiles.value.filter((other) => other.id !== id);
    // What is not sent is deleted by the server within a day; a failure here needs no cure.
    if (tile?.attachment) this.client.deleteAttachment(tile.attachment.id).catch(() => {});
  }

  /** Forget the files: they were sent. */
  clear() {
    this.tiles.value = [];
  }

  /** Cancel everything: the conversation was closed. */
  [Symbol.dispose]() {
    for (const { id } of this.tiles.value) this.remove(id);
  }
}
