/** Text with what was searched for marked in it. */

import { html } from "../../ui/view.js";

/**
 * Where words of a query begin in a text: a search for "mi ko" finds "Mira Kovač". Accents and case make no difference.
 *
 * @param {string} text
 * @param {string} query
 * @returns {{ text: string, hit: boolean }[]} the whole text, in parts
 */
export function findParts(text, query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  /** @type {{ text: string, hit: boolean }[]} */
  const parts = [];
  for (const piece of text.split(/([\p{L}\p{M}\p{N}]+)/u)) {
    const folded = fold(piece);
    const length = Math.max(0, ...words.filter((word) => folded.startsWith(word)).map((word) => word.length));
    // A folded letter is one character, as its composed form is.
    const characters = [...piece.normalize("NFC")];
    if (length) parts.push({ text: characters.slice(0, length).join(""), hit: true });
    const rest = characters.slice(length).join("");
    if (rest) parts.push({ text: rest, hit: false });
  }
  return parts;
}

/** Marks of Latin, Greek and Cyrillic letters; those of Thai are vowels and tones. */
const ACCENTS = /[\u0300-\u036f]/g;

/** @param {string} text */
export const fold = (text) => text.normalize("NFD").replace(ACCENTS, "").toLocaleLowerCase();

/** @param {{ text: string, query: string }} props */
export function Highlighted({ text, query }) {
  return findParts(text, query).map(({ text: part, hit }) => (hit ? html`<mark>${part}</mark>` : part));
}

/** @param {{ fragments: readonly { text: string, hit: boolean }[] }} props  as the server's search marks them */
export function Fragments({ fragments }) {
  return fragments.map(({ text, hit }) => (hit ? html`<mark>${text}</mark>` : text));
}
