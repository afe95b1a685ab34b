/** The text of a message: links, mentions, emoji alone, and what a search found. */

import { html } from "../../ui/view.js";

// Addresses in a sentence: trailing punctuation belongs to the sentence.
const LINK = /\bhttps?:\/\/[^\s<>"'“”«»]+|\bwww\.[^\s<>"'“”«»/]+\.[^\s<>"'“”«»]+/giu;
const TRAILING = /[.,;:!?…)\]}]+$/u;
const PICTOGRAPH = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})/u;
const JUMBO_LIMIT = 3;

/** @typedef {{ kind: "text" | "link" | "mention", text: string, href?: string }} Piece */

/**
 * The address behind a link, or null if it is none that a browser may open from here.
 *
 * @param {string} text
 */
export function safeAddress(text) {
  try {
    const url = new URL(/^https?:/iu.test(text) ? text : `https://${text}`);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;  // not an address: it stays text
  }
}

/** @param {string} found */
function trimTrailing(found) {
  const tail = TRAILING.exec(found)?.[0] ?? "";
  // A closing bracket belongs to the address if it was opened there: `…/Bicycle_(28)`.
  if (tail.startsWith(")") && found.includes("(")) return found.slice(0, found.length - tail.length + 1);
  return found.slice(0, found.length - tail.length);
}

/**
 * @param {string} text
 * @returns {Piece[]}
 */
export function splitLinks(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimTrailing(match[0]);
    const href = safeAddress(shown);
    if (!href) continue;
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    pieces.push({ kind: "link", text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

/** @param {string} text */
function escapePattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
}

/**
 * @param {readonly Piece[]} pieces
 * @param {readonly string[]} names  of mentioned people
 * @returns {Piece[]}
 */
export function splitMentions(pieces, names) {
  const wanted = names.filter(Boolean).sort((one, other) => other.length - one.length).map((name) => escapePattern(`@${name}`));
  if (!wanted.length) return [...pieces];
  const pattern = new RegExp(`(${wanted.join("|")})`, "u");
  // Between two texts that are split by a pattern is what matched it.
  return pieces.flatMap((piece) => piece.kind !== "text" ? [piece] : piece.text.split(pattern)
    .map((text, place) => ({ kind: /** @type {Piece["kind"]} */ (place % 2 ? "mention" : "text"), text }))
    .filter(({ text }) => text !== ""));
}

/**
 * How many emoji a text is made of, or 0 if there is anything else, or more than three.
 *
 * @param {string} text
 */
export function countEmoji(text) {
  const trimmed = text.trim();
  if (!trimmed || trimmed.length > 64) return 0;
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(trimmed.replace(/\s+/gu, ""))) {
    if (!PICTOGRAPH.test(segment)) return 0;
    count += 1;
    if (count > JUMBO_LIMIT) return 0;
  }
  return count;
}

/**
 * A text with what a search found marked.
 *
 * @param {string} text
 * @param {readonly string[]} terms
 */
export function markTerms(text, terms) {
  const wanted = terms.filter(Boolean).map(escapePattern);
  if (!wanted.length) return text;
  return text.split(new RegExp(`(${wanted.join("|")})`, "giu")).map(
    (part, place) => place % 2 ? html`<mark class="found">${part}</mark>` : part);
}

/**
 * @param {{ content: string, names?: readonly string[], terms?: readonly string[] }} props
 */
export function MessageText({ content, names = [], terms = [] }) {
  const pieces = splitMentions(splitLinks(content), names);
  return html`${pieces.map((piece) => {
    const shown = markTerms(piece.text, terms);
    if (piece.kind === "link") {
      return html`<a class="link" href=${piece.href} target="_blank" rel="noopener noreferrer nofollow ugc">${shown}</a>`;
    }
    return piece.kind === "mention" ? html`<span class="mention">${shown}</span>` : shown;
  })}`;
}
