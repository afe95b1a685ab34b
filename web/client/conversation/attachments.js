/** The files of a message: pictures in a grid, films, voice and sound, documents. */

import { formatBytes } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useState } from "../../ui/view.js";
import { VoicePlayer } from "./voice.js";

/** @typedef {import("../../sdk/types.js").Attachment} Attachment */

/** More pictures than these are behind the last one. */
const GRID_LIMIT = 4;
/** Bounds of the shape of a lone picture: a panorama or a column of text does not fill the screen. */
const SHAPES = { widest: 2.2, tallest: 0.75, unknown: 4 / 3 };

/**
 * The address of a file, and what to do when it can no longer be read: links to the object store end after an hour, the
 * download route checks access each time.
 *
 * @param {{ downloadUrl: (attachmentId: number) => string }} client
 * @param {Attachment} attachment
 * @param {string} preferred
 * @returns {{ src: string, onError: () => void }}
 */
export function useSource(client, attachment, preferred) {
  const [failed, setFailed] = useState("");
  const src = failed === preferred || !preferred ? client.downloadUrl(attachment.id) : preferred;
  return { src, onError: () => setFailed(preferred) };
}

/** @param {Attachment} attachment */
function shapeOf({ metadata: { width, height } }) {
  if (!width || !height) return SHAPES.unknown;
  return Math.min(SHAPES.widest, Math.max(SHAPES.tallest, width / height));
}

/**
 * @param {{ client: import("../../sdk/index.js").ChatClient, attachment: Attachment, isLone: boolean, more: number, onOpen: () => void }} props
 */
function Picture({ client, attachment, isLone, more, onOpen }) {
  const isFilm = attachment.file_type === "video";
  const preferred = isLone && !isFilm ? attachment.public_url : attachment.thumbnail_url || (isFilm ? "" : attachment.public_url);
  const { src, onError } = useSource(client, attachment, preferred);
  const label = t(isFilm ? "message.open_video" : "message.open_photo", { name: attachment.file_name });
  const style = { backgroundColor: attachment.metadata.dominant_color ?? "", aspectRatio: isLone ? String(shapeOf(attachment)) : "1" };
  const isShown = !isFilm || attachment.thumbnail_url;
  return html`
    <button type="button" class="picture" style=${style} aria-label=${label} onClick=${onOpen}
      data-testid=${isFilm ? "attachment-video" : "attachment-image"}>
      ${isShown && html`<img src=${src} onError=${onError} alt="" loading="lazy" decoding="async" draggable=${false} />`}
      ${isFilm && html`<span class="picture-play">${h(Icon, { name: "play", size: 22 })}</span>`}
      ${more > 0 && html`<span class="picture-more">+${more}</span>`}
    </button>`;
}

/**
 * @param {{ client: import("../../sdk/index.js").ChatClient, attachment: Attachment }} props
 */
function FileCard({ client, attachment }) {
  if (attachment.state === "quarantined") {
    return html`
      <div class="file-card is-waiting">
        <span class="file-icon">${h(Icon, { name: "clock", size: 22 })}</span>
        <span class="file-texts"><span class="file-name" dir="auto">${attachment.file_name}</span><span class="file-size">${t("message.scanning")}</span></span>
      </div>`;
  }
  return html`
    <a class="file-card" href=${client.downloadUrl(attachment.id)} download=${attachment.file_name} data-testid="attachment-file"
      aria-label=${t("message.download", { name: attachment.file_name })}>
      <span class="file-icon">${h(Icon, { name: "file", size: 22 })}</span>
      <span class="file-texts">
        <span class="file-name" dir="auto">${attachment.file_name}</span>
        <span class="file-size">${formatBytes(attachment.file_size)}</span>
      </span>
      <span class="file-download">${h(Icon, { name: "download", size: 18 })}</span>
    </a>`;
}

/**
 * @param {{
 *   client: import("../../sdk/index.js").ChatClient,
 *   attachments: readonly Attachment[],
 *   onOpen: (attachment: Attachment) => void,
 * }} props
 */
export function Attachments({ client, attachments, onOpen }) {
  const ready = attachments.filter((attachment) => attachment.state !== "quarantined");
  const pictures = ready.filter(({ file_type: type }) => type === "image" || type === "video");
  const sounds = ready.filter(({ file_type: type }) => type === "audio");
  const files = attachments.filter((attachment) => !pictures.includes(attachment) && !sounds.includes(attachment));
  const shown = pictures.slice(0, GRID_LIMIT);
  return html`
    ${shown.length > 0 && html`
      <div class=${`pictures pictures-${shown.length}`}>
        ${shown.map((attachment, place) => h(Picture, {
          key: attachment.id, client, attachment, isLone: shown.length === 1,
          more: place === GRID_LIMIT - 1 ? pictures.length - GRID_LIMIT : 0,
          onOpen: () => onOpen(attachment),
        }))}
      </div>`}
    ${sounds.map((attachment) => h(VoicePlayer, { key: attachment.id, client, attachment }))}
    ${files.map((attachment) => h(FileCard, { key: attachment.id, client, attachment }))}`;
}
