/** Why files are not taken, in words. */

import { formatBytes, formatList } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { FILE_LIMIT } from "../../ui/uploads.js";

/** Names in one notice: more do not fit. */
const NAMED = 4;

/** @param {readonly string[]} names */
function listNames(names) {
  return formatList(names.length > NAMED ? [...names.slice(0, NAMED), `+${names.length - NAMED}`] : names);
}

/**
 * Add files to a message, and say which are not taken.
 *
 * @param {import("../store.js").Store} store
 * @param {import("../../ui/uploads.js").Uploads} uploads
 * @param {readonly File[]} files
 */
export function addFiles(store, uploads, files) {
  const { tooLarge, empty, hasTooMany } = uploads.add(files);
  const say = (/** @type {string} */ text) => store.screen.showToast(text, { tone: "error" });
  if (tooLarge.length) say(t("composer.too_large", { count: tooLarge.length, names: listNames(tooLarge), limit: formatBytes(uploads.maxBytes) }));
  if (empty.length) say(t("composer.empty_files", { count: empty.length, names: listNames(empty) }));
  if (hasTooMany) say(t("composer.too_many_files", { count: FILE_LIMIT }));
}
