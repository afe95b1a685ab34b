/**
 * Texts for people, from whatever catalogue the page has provided: the client provides all texts (`i18n.js`), the widget only
 * its own. A component that both of them show imports `t` from here, so that it does not bring all texts along.
 *
 * A catalogue is a flat module of `web/i18n`: a text per key, with `{name}` where a value goes, or an object of texts by
 * plural category (`Intl.PluralRules`) for texts that depend on `{count}`.
 */

/** @typedef {"en" | "ru" | "sr" | "th"} Language */
/** @typedef {keyof typeof import("../i18n/en.js").texts} ClientKey */
/** @typedef {ClientKey | keyof typeof import("../i18n/en/admin.js").texts | keyof typeof import("../i18n/en/widget.js").texts} Key */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Text */
/** @typedef {Record<ClientKey, Text>} Catalogue */
/** @typedef {Partial<Record<Key, Text>>} SomeTexts */
/** @typedef {Partial<Record<Language, () => Promise<{ texts: SomeTexts }>>>} Loaders */

/** @type {readonly Language[]} */
export const LANGUAGES = ["en", "ru", "sr", "th"];

/** What each language calls itself. */
export const LANGUAGE_NAMES = { en: "English", ru: "Русский", sr: "Srpski", th: "ไทย" };

// Texts in Serbian are in Latin letters; for plain `sr`, Intl writes dates in Cyrillic ones.
const LOCALES = { en: "en", ru: "ru", sr: "sr-Latn", th: "th" };

/**
 * The language in use. In the client it is a signal (`live-language.js`): what reads it in a component renders again when it
 * changes. The widget renders everything again instead, and does without signals.
 *
 * @type {{ value: Language }}
 */
export let language = { value: "en" };

/** @param {{ value: Language }} place  keeps the language from now on */
export function keepLanguageIn(place) {
  place.value = language.value;
  language = place;
}

/** @type {SomeTexts} */
let english = {};
/** @type {SomeTexts} */
let catalogue = english;
/** @type {Loaders} */
let loaders = {};
let plurals = new Intl.PluralRules("en");

/**
 * Provide the texts of this page: the English ones, which also stand in for what another language lacks, and how to load those
 * of the others; of English too, if there are none at once.
 *
 * @param {SomeTexts} texts
 * @param {Loaders} others
 */
export function provideTexts(texts, others) {
  english = texts;
  loaders = others;
  if (language.value === "en") catalogue = texts;
}

/** The locale for `Intl` of the current language, in the region of the person: a clock of 24 hours for en-GB, of 12 for en-US. */
export function locale() {
  const code = language.value;
  const regional = code === "sr" ? undefined : globalThis.navigator?.languages?.find((tag) => tag.startsWith(`${code}-`));
  return regional ?? LOCALES[code];
}

/**
 * Choose the first language of a list that there is: `["sr-Latn-RS", "en"]` gives `sr`.
 *
 * @param {readonly (string | null | undefined)[]} wanted  BCP 47 tags in order of preference
 * @returns {Language}
 */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    const primary = tag?.split("-")[0]?.toLowerCase();
    const found = LANGUAGES.find((known) => known === primary);
    if (found) return found;
  }
  return "en";
}

/**
 * Load a language and use it. The language stays as it was if its texts cannot be loaded.
 *
 * @param {Language} code
 */
export async function switchLanguage(code) {
  const texts = (await loaders[code]?.())?.texts ?? english;
  catalogue = texts;
  plurals = new Intl.PluralRules(LOCALES[code]);
  language.value = code;
}

/**
 * The text of a key in the current language.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values]  what replaces `{name}`; `count` chooses the plural
 */
export function t(key, values = {}) {
  void language.value;  // subscribes the component that renders the text
  const entry = catalogue[key] ?? english[key] ?? key;
  const text = typeof entry === "string" ? entry : entry[plurals.select(Number(values.count))] ?? entry.other ?? "";
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder));
}
