/**
 * Write `web/emoji/LANGUAGE.json`: names and search words from Unicode's CLDR, order and groups of Emoji 17. Run it after a new
 * release: `node tools/emoji.mjs`, or compare with `--check`. Needs `npm` and `tar`.
 *
 *     { "groups": [["😀\tgrinning face\tcheerful happy laugh", "👋\twaving hand\tbye hello\t1", …], …] }
 *
 * The fourth field says that the emoji has skin tones: a modifier after its first code point, in place of U+FE0F.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), "emoji");
const PACKAGES = {
  "cldr-annotations-full@48.2.0": "sha512-DV7A+rEcgUSNTRsVGNGqBZRmAkGfwhGHO5Q1dRwzBoBnVrHWp804JP7/QJdEc66iHmx3+zLWVIMCFLm0lW7PUQ==",
  "cldr-annotations-derived-full@48.2.0": "sha512-log62km+AOzI7n/NEuNNFV0mg9DWnt67EYCh1RwxZq9dyRuyteB586LT83Ke8TchEfnwI9cIk2P31zO4nTvZmw==",
  "emojibase-data@17.0.0": "sha512-Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
};
const LOCALES = { en: "en", ru: "ru", sr: "sr-Latn", th: "th" };
const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9];  // of emojibase; 2 are the components, which are no emoji by themselves
const PRESENTATION = "\ufe0f";
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
const MAX_WORDS = 10;  // search words an emoji: what keeps a language below 48 KB gzipped

/** Download a package, compare its checksum, unpack it. */
function fetchPackage(name, folder) {
  const packed = execFileSync("npm", ["pack", name, "--silent", "--pack-destination", folder], { cwd: folder, encoding: "utf8" });
  const archive = join(folder, packed.trim().split("\n").at(-1));
  const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (integrity !== PACKAGES[name]) throw new Error(`${name} has ${integrity}`);
  const target = mkdtempSync(join(folder, "package-"));
  execFileSync("tar", ["xzf", archive, "-C", target, "--strip-components=1"]);
  return target;
}

const readJson = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/** The fully qualified form: U+FE0F only where the character would be text without it. */
const qualified = (text) => text.replace(/(\p{Emoji_Presentation})\ufe0f/gu, "$1");

/** Whether a modifier after the first code point gives each of the five tones. */
function hasTones({ unicode, skins }) {
  if (skins?.length !== TONES.length) return false;
  const [first, ...rest] = [...qualified(unicode)];
  const tail = (rest[0] === PRESENTATION ? rest.slice(1) : rest).join("");
  return TONES.every((tone, index) => skins[index].unicode === first + tone + tail);
}

/** One line for an emoji. Words that its name has already, and those after the tenth, are left out. */
function entry(emoji, annotations) {
  const found = annotations[emoji.unicode] ?? annotations[emoji.unicode.replaceAll(PRESENTATION, "")];
  const name = found?.tts?.[0];
  if (!name) return null;
  const known = new Set(name.toLowerCase().split(" "));
  const words = [];
  for (const word of (found.default ?? []).join(" ").toLowerCase().split(/[\s|]+/)) {
    if (!known.has(word) && words.length < MAX_WORDS) words.push(word);
    known.add(word);
  }
  return [qualified(emoji.unicode), name, words.join(" "), ...(hasTones(emoji) ? ["1"] : [])].join("\t");
}

const check = process.argv.includes("--check");
const folder = mkdtempSync(join(tmpdir(), "emoji-"));
try {
  const [annotations, derived, base] = Object.keys(PACKAGES).map((name) => fetchPackage(name, folder));
  const all = readJson(base, "en", "compact.json").filter(({ group }) => GROUPS.includes(group));
  all.sort((one, other) => one.order - other.order);
  for (const [language, locale] of Object.entries(LOCALES)) {
    const known = {
      ...readJson(derived, "annotationsDerived", locale, "annotations.json").annotationsDerived.annotations,
      ...readJson(annotations, "annotations", locale, "annotations.json").annotations.annotations,
    };
    const groups = GROUPS.map((group) => all.filter((emoji) => emoji.group === group).map((emoji) => entry(emoji, known)).filter(Boolean));
    const text = `${JSON.stringify({ groups }, null, 0).replaceAll("],[", "],\n[")}\n`;
    const file = join(FOLDER, `${language}.json`);
    if (check && readFileSync(file, "utf8") !== text) throw new Error(`${file} differs from what CLDR says`);
    if (!check) writeFileSync(file, text);
    console.log(`${language}: ${groups.flat().length} emoji`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
