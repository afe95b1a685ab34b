/** Pictures and videos of a message in full size, one after the other. */

import { formatFull } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";
import { useSource } from "../conversation/attachments.js";

/**
 * @typedef {import("../../sdk/types.js").Attachment} Attachment
 * @typedef {import("../store.js").Store} Store
 */

/** A swipe is longer than this, in pixels. */
const SWIPE = 48;

/** @param {{ client: import("../../sdk/index.js").ChatClient, attachment: Attachment }} props */
function Medium({ client, attachment }) {
  const { src, onError } = useSource(client, attachment, attachment.public_url);
  const [isZoomed, setZoomed] = useState(false);
  if (attachment.file_type === "video") {
    return html`<video class="gallery-medium" src=${src} onError=${onError} poster=${attachment.thumbnail_url || null} controls autoplay playsinline></video>`;
  }
  const { width, height } = attachment.metadata;
  return html`
    <img class=${isZoomed ? "gallery-medium is-zoomed" : "gallery-medium"} src=${src} onError=${onError} alt=${attachment.file_name}
      width=${width ?? null} height=${height ?? null} draggable=${false} data-testid="gallery-image" onClick=${() => setZoomed(!isZoomed)} />`;
}

/**
 * @param {{ store: Store, media: readonly Attachment[], first: number, sender: string, at: string, onClose: () => void }} props
 */
function Gallery({ store, media, first, sender, at, onClose }) {
  const [place, setPlace] = useState(first);
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const touch = useRef(0);
  const attachment = /** @type {Attachment} */ (media[place]);

  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);

  /** @param {number} step */
  const move = (step) => setPlace(Math.min(media.length - 1, Math.max(0, place + step)));

  /** @param {KeyboardEvent} event */
  function handleKey(event) {
    if (event.key === "ArrowRight") move(1);
    else if (event.key === "ArrowLeft") move(-1);
    else return;
    event.preventDefault();
  }

  /** @param {TouchEvent} event */
  function endTouch(event) {
    const distance = (event.changedTouches[0]?.clientX ?? 0) - touch.current;
    if (Math.abs(distance) > SWIPE) move(distance < 0 ? 1 : -1);
  }

  return html`
    <dialog ref=${dialog} class="gallery" aria-label=${t("message.gallery")} data-testid="gallery" onKeyDown=${handleKey}
      onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}
      onClick=${(/** @type {MouseEvent} */ event) => event.target instanceof Element && event.target.matches(".gallery, .gallery-stage") && onClose()}>
      <header class="gallery-head">
        <span class="gallery-texts"><span class="gallery-name" dir="auto">${sender}</span><time dateTime=${at}>${formatFull(at)}</time></span>
        ${media.length > 1 && html`<span class="gallery-count">${t("message.gallery_place", { place: place + 1, count: media.length })}</span>`}
        <a class="icon-button" href=${store.client.downloadUrl(attachment.id)} download=${attachment.file_name} aria-label=${t("message.download", { name: attachment.file_name })}>${h(Icon, { name: "download" })}</a>
        <button type="button" class="icon-button" aria-label=${t("ui.close")} onClick=${onClose}>${h(Icon, { name: "close" })}</button>
      </header>
      <div class="gallery-stage" onTouchStart=${(/** @type {TouchEvent} */ event) => { touch.current = event.touches[0]?.clientX ?? 0; }} onTouchEnd=${endTouch}>
        ${h(Medium, { key: attachment.id, client: store.client, attachment })}
      </div>
      ${place > 0 && html`<button type="button" class="gallery-move is-before" aria-label=${t("message.gallery_before")} onClick=${() => move(-1)}>${h(Icon, { name: "back", size: 24 })}</button>`}
      ${place < media.length - 1 && html`<button type="button" class="gallery-move is-after" aria-label=${t("message.gallery_after")} onClick=${() => move(1)}>${h(Icon, { name: "chevron-right", size: 24 })}</button>`}
    </dialog>`;
}

/**
 * @param {Store} store
 * @param {readonly Attachment[]} media
 * @param {Attachment} attachment  the first one to show
 * @param {{ sender: string, at: string }} origin
 */
export function openMedia(store, media, attachment, { sender, at }) {
  const first = Math.max(0, media.findIndex(({ id }) => id === attachment.id));
  store.screen.openDialog((close) => h(Gallery, { store, media, first, sender, at, onClose: close }));
}

/**
 * @param {Store} store
 * @param {import("../../sdk/types.js").Message} message
 * @param {Attachment} attachment
 */
export function openGallery(store, message, attachment) {
  const media = message.attachments.filter(({ file_type: type }) => type === "image" || type === "video");
  const sender = message.sender_id === store.me ? t("message.you") : message.sender.name;
  openMedia(store, media, attachment, { sender, at: message.created_at });
}
