/** Emoji with their names and search words in a language, and what this device remembers about them. */

/**
 * @typedef {object} Emoji
 * @property {string} text  fully qualified, without a skin tone
 * @property {string} name
 * @property {string} haystack  name and words, normalised, each after a space
 * @property {boolean} hasTones
 */

/** @typedef {import("../../ui/i18n.js").Language} Language */

const RECENT_KEY = "chatapp.emoji.recent";
const TONE_KEY = "chatapp.emoji.tone";
const MAX_RECENT = 36;
const MAX_FOUND = 90;
const PRESENTATION = "\ufe0f";

/** No tone, and the five modifiers of Unicode from light to dark. */
export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

/** @type {Map<Language, Promise<Emoji[][]>>} */
const loaded = new Map();

/**
 * Load the groups of a language: smileys, people, animals, food, travel, activities, objects, symbols, flags.
 *
 * @param {Language} language
 * @returns {Promise<Emoji[][]>}
 */
export function loadEmoji(language) {
  let loading = loaded.get(language);
  if (!loading) {
    loading = fetchEmoji(language);
    loaded.set(language, loading);
    loading.catch(() => loaded.delete(language));
  }
  return loading;
}

/** @param {Language} language */
async function fetchEmoji(language) {
  const response = await fetch(new URL(`../../emoji/${language}.json`, import.meta.url));
  if (!response.ok) throw new Error(`emoji in ${language}: ${response.status}`);
  const { groups } = /** @type {{ groups: string[][] }} */ (await response.json());
  return groups.map((group) => group.map(parse));
}

/** @param {string} line */
function parse(line) {
  const [text = "", name = "", words = "", tones] = line.split("\t");
  return { text, name, haystack: ` ${normalise(`${name} ${words}`)}`, hasTones: tones === "1" };
}

/**
 * Small letters without accents. Marks of Thai are letters, not accents.
 *
 * @param {string} text
 */
function normalise(text) {
  return text.toLowerCase().replaceAll("đ", "dj").normalize("NFD").replace(/(\p{Script=Latin})\p{M}+/gu, "$1").normalize("NFC");
}

/**
 * Emoji that match every word of a query: those whose name begins with it first.
 *
 * @param {readonly Emoji[][]} groups
 * @param {string} query
 */
export function searchEmoji(groups, query) {
  const wanted = normalise(query).split(/\s+/).filter(Boolean);
  const first = wanted[0];
  if (first === undefined) return [];
  // Thai has no spaces between words, so a word may begin anywhere.
  const matches = (/** @type {Emoji} */ emoji) => wanted.every((word) => (
    emoji.haystack.includes(` ${word}`) || (/\p{Script=Thai}/u.test(word) && emoji.haystack.includes(word))));
  const found = groups.flat().filter(matches);
  const rank = (/** @type {Emoji} */ emoji) => (emoji.haystack.startsWith(` ${first}`) ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, MAX_FOUND);
}

/**
 * An emoji in a skin tone: the modifier stands after the first code point, in place of U+FE0F.
 *
 * @param {Pick<Emoji, "text" | "hasTones">} emoji
 * @param {string} tone  one of `TONES`
 */
export function withTone({ text, hasTones }, tone) {
  if (!hasTones || !tone) return text;
  const [first = "", ...rest] = [...text];
  return first + tone + (rest[0] === PRESENTATION ? rest.slice(1) : rest).join("");
}

/** @param {string} key */
function remembered(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";  // no storage in this mode
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage nothing is remembered.
  }
}

/** The emoji that were chosen last on this device, the last one first. */
export function recentEmoji() {
  return remembered(RECENT_KEY).split(" ").filter(Boolean).slice(0, MAX_RECENT);
}

/** @param {string} text */
export function addRecent(text) {
  remember(RECENT_KEY, [text, ...recentEmoji().filter((known) => known !== text)].slice(0, MAX_RECENT).join(" "));
}

export function chosenTone() {
  const tone = remembered(TONE_KEY);
  return TONES.includes(tone) ? tone : "";
}

/** @param {string} tone */
export function chooseTone(tone) {
  remember(TONE_KEY, tone);
}
