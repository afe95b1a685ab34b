// All pages load all style sheets, so a class that two panes style in their own way breaks one of them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../css/", import.meta.url);
// What panes may adapt where it stands inside them; the last class of a selector is what it styles.
const SHARED = new Set(["icon", "input", "button", "icon-button", "list-row", "skeleton", "avatar", "badge"]);

/**
 * The classes that a style sheet styles wherever they stand: selectors of one class, with its states.
 *
 * @param {string} text
 */
function classesOf(text) {
  const plain = text.replace(/\/\*.*?\*\//gs, "");
  const selectors = [...plain.matchAll(/([^{};]+)\{/g)].flatMap((match) => (match[1] ?? "").split(","));
  const single = selectors.map((selector) => /^\.([a-z][a-z0-9-]*)(?::[a-z-]+)?$/.exec(selector.trim())?.[1]);
  return new Set(single.filter((name) => name !== undefined && !SHARED.has(name)));
}

test("a class is styled by one style sheet", () => {
  /** @type {Map<string, string[]>} */
  const files = new Map();
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".css"))) {
    for (const name of classesOf(readFileSync(new URL(file, FOLDER), "utf8"))) {
      files.set(name, [...(files.get(name) ?? []), file]);
    }
  }
  assert.ok(files.size > 100);
  assert.deepEqual([...files].filter(([, where]) => where.length > 1), []);
});
