/** The files of a message to the seller: chosen or pasted, uploaded at once, sent with the text. */

import { h, html, useEffect, useMemo, useReducer, useRef, useState } from "../ui/view.js";
import { formatPercent } from "../ui/format.js";
import { FILE_ICONS } from "../ui/file-icons.js";
import { Icon, addIcons } from "../ui/icon.js";
import { ACCEPTED, FILE_LIMIT, Uploads } from "../ui/uploads.js";
import { t } from "./texts.js";

addIcons(FILE_ICONS);

/** @param {{ tile: import("../ui/uploads.js").Tile, uploads: Uploads }} props */
function FileTile({ tile: { id, file, state, progress, error }, uploads }) {
  return html`
    <li class=${`seller-file is-${state}`}>
      <span class="seller-file-name" dir="auto">${file.name}</span>
      ${state === "uploading" && html`
        <progress class="seller-file-progress" data-testid="upload-progress" max="1" value=${progress}
          aria-label=${file.name}>${formatPercent(progress)}</progress>`}
      ${state === "failed" && html`
        <button type="button" class="assistant-link" onClick=${() => uploads.retry(id)}>${error || t("assistant.try_again")}</button>`}
      <button type="button" class="seller-file-remove" aria-label=${t("widget.remove_file", { name: file.name })}
        onClick=${() => uploads.remove(id)}>${h(Icon, { name: "close", size: 14 })}</button>
    </li>`;
}

/** @param {{ onFiles: (files: File[]) => void }} props */
function FileButton({ onFiles }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  return html`
    <button type="button" class="seller-attach" part="attach" title=${t("widget.attach")} aria-label=${t("widget.attach")}
      onClick=${() => input.current?.click()}>${h(Icon, { name: "attach" })}</button>
    <input ref=${input} type="file" multiple hidden accept=${ACCEPTED} onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => {
      onFiles([...event.currentTarget.files ?? []]);
      event.currentTarget.value = "";  // the same file may be chosen again
    }} />`;
}

/**
 * The uploads of a conversation, cancelled at its end; a hook.
 *
 * @param {import("../sdk/index.js").ChatClient} client
 * @returns {Uploads}
 */
export function useUploads(client) {
  const [, renderAgain] = useReducer((/** @type {number} */ count) => count + 1, 0);
  const uploads = useMemo(() => {
    let held = /** @type {readonly import("../ui/uploads.js").Tile[]} */ ([]);
    const tiles = {
      get value() { return held; },
      set value(next) {
        held = next;
        renderAgain(undefined);
      },
    };
    return new Uploads(client, { tiles, maxBytes: Infinity, onFault: reportError });
  }, [client]);
  useEffect(() => () => uploads[Symbol.dispose](), [uploads]);
  return uploads;
}

/**
 * What the composer shows and needs to know of the files; a hook.
 *
 * @param {Uploads} uploads
 * @returns {import("../ui/assistant/composer.js").ComposerFiles & { clear: () => void }} `clear`: they were sent
 */
export function useFiles(uploads) {
  const [problem, setProblem] = useState("");
  const tiles = uploads.tiles.value;
  const add = (/** @type {File[]} */ files) => {
    const { empty, hasTooMany } = uploads.add(files);
    setProblem(hasTooMany ? t("widget.too_many_files", { count: FILE_LIMIT }) : empty.length ? t("widget.empty_files", { names: empty.join(", ") }) : "");
  };
  return {
    tiles: html`
      ${problem && html`<p class="ask-over" role="alert">${problem}</p>`}
      ${tiles.length > 0 && html`<ul class="seller-files">${tiles.map((tile) => h(FileTile, { key: tile.id, tile, uploads }))}</ul>`}`,
    button: h(FileButton, { onFiles: add }),
    count: uploads.attachments.length,
    isReady: !uploads.isUploading && !uploads.hasFailed,
    onPaste: add,
    clear: () => {
      uploads.clear();
      setProblem("");
    },
  };
}
