/** Plain text with its web addresses as links. Nothing else of it is interpreted. */

import { html } from "../view.js";

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]}»”’…]+$/;
/** Longer ones are shown in part: an address that long is not read. */
const SHOWN = 60;

/**
 * Split a text into addresses and what is between them.
 *
 * @param {string} text
 * @returns {{ text: string, href: string | null }[]}
 */
export function splitLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = match[0].replace(TRAILING, "");
    if (!URL.canParse(found)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: found, href: new URL(found).href });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

/** @param {{ text: string }} props */
export function LinkedText({ text }) {
  return html`${splitLinks(text).map((part) => part.href === null ? part.text : html`
    <a href=${part.href} target="_blank" rel="noopener noreferrer nofollow">${
      part.text.length > SHOWN ? `${part.text.slice(0, SHOWN)}…` : part.text}</a>`)}`;
}
