/** The files of a message that is being written, with their progress. */

import { formatBytes, formatPercent } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { useObjectUrl } from "../../ui/object-url.js";
import { h, html } from "../../ui/view.js";

/** @param {{ tile: import("../../ui/uploads.js").Tile, onRemove: () => void, onRetry: () => void }} props */
function UploadTile({ tile, onRemove, onRetry }) {
  const { file, state, progress, error } = tile;
  const isPicture = file.type.startsWith("image/");
  const url = useObjectUrl(isPicture ? file : null);
  const isStored = state === "stored";
  return html`
    <li class=${`upload-tile is-${state}${isPicture ? " is-picture" : ""}`} title=${file.name}>
      ${isPicture && url
        ? html`<img class="upload-picture" src=${url} alt=${file.name} data-testid=${isStored ? "attachment-image" : "upload-preview"} />`
        : html`
          <span class="upload-file">
            ${h(Icon, { name: file.type.startsWith("video/") ? "video" : file.type.startsWith("audio/") ? "mic" : "file", size: 22 })}
            <span class="upload-name" dir="auto">${file.name}</span><span class="upload-size">${formatBytes(file.size)}</span>
          </span>`}
      ${state === "uploading" && html`
        <span class="upload-progress" role="progressbar" data-testid="upload-progress" aria-label=${t("composer.uploading", { name: file.name })}
          aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(progress * 100)} aria-valuetext=${formatPercent(progress)}>
          <span class="upload-bar" style=${{ width: `${Math.max(4, progress * 100)}%` }}></span>
        </span>`}
      ${state === "failed" && html`
        <button type="button" class="upload-failed" onClick=${onRetry} title=${error || t("composer.upload_failed")}>
          ${h(Icon, { name: "alert", size: 18 })}<span class="upload-reason">${error || t("composer.upload_failed")}</span>
        </button>`}
      <button type="button" class="upload-remove" onClick=${onRemove}
        aria-label=${t(state === "uploading" ? "composer.cancel_upload" : "composer.remove_file", { name: file.name })}>
        ${h(Icon, { name: "close", size: 14 })}
      </button>
    </li>`;
}

/** @param {{ uploads: import("../../ui/uploads.js").Uploads }} props */
export function UploadTiles({ uploads }) {
  const tiles = uploads.tiles.value;
  if (!tiles.length) return null;
  return html`
    <ul class="upload-tiles" aria-label=${t("composer.files")}>
      ${tiles.map((tile) => h(UploadTile, { key: tile.id, tile, onRemove: () => uploads.remove(tile.id), onRetry: () => uploads.retry(tile.id) }))}
    </ul>`;
}
