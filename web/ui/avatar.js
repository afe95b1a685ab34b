/** A picture of a person, group or item, or else the first letter of its name on a colour of its own. */

import { h, html, useState } from "./view.js";

/**
 * The hue of an id. Ids that follow each other get hues that are far apart: by the golden angle.
 *
 * @param {number} id
 */
export const hueOf = (id) => Math.round((id * 137.508) % 360);

/**
 * The first letter or digit of a name, with the marks that belong to it.
 *
 * @param {string} name
 */
export function initialOf(name) {
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name)) {
    if (/[\p{L}\p{N}]/u.test(segment)) return segment.toLocaleUpperCase();
  }
  return "";
}

/**
 * @param {{
 *   id: number, name: string, picture?: string | null, size?: number, isOnline?: boolean,
 *   item?: { title: string, image_url: string } | null,
 * }} props  size in CSS pixels; `item`: shown as a small badge at the corner, instead of the dot of who is online
 */
export function Avatar({ id, name, picture, size = 48, isOnline = false, item = null }) {
  return html`
    <span class="avatar" style=${{ "--avatar-size": `${size}px`, "--avatar-hue": hueOf(id) }} aria-hidden="true">
      ${h(Picture, { key: `face ${picture}`, url: picture, text: initialOf(name), className: "avatar-picture" })}
      ${item && h(Picture, { key: `item ${item.image_url}`, url: item.image_url, text: initialOf(item.title), className: "avatar-item" })}
      ${isOnline && html`<span class=${item ? "avatar-online is-beside-item" : "avatar-online"}></span>`}
    </span>`;
}

/** @param {{ url?: string | null, text: string, className: string }} props */
function Picture({ url, text, className }) {
  const [failed, setFailed] = useState(false);
  if (!url || failed) return html`<span class=${className}>${text}</span>`;
  return html`<img class=${className} src=${url} alt="" loading="lazy" decoding="async" draggable=${false} onError=${() => setFailed(true)} />`;
}
