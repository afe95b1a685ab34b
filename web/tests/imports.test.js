/** Which folder imports which: the SDK nothing, the parts of the interface the SDK, pages both, and no page another. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const MAY_IMPORT = {
  sdk: [],
  vendor: [],
  i18n: [],
  ui: ["sdk", "i18n", "vendor"],
  client: ["sdk", "ui", "i18n"],
  widget: ["sdk", "ui", "i18n"],
  admin: ["sdk", "ui", "i18n", "client/preferences.js"],  // theme and language are chosen once for both
};
// A type in a comment brings nothing along, so it may come from anywhere.
const IMPORT = /(?:^\s*(?:import|export)\b[^"';]*?from\s*|^\s*import\s*|\bimport\()"([^"]+)"/gm;

function importsOf(file) {
  const source = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [...source.matchAll(IMPORT)].map(([, name]) => name);
}

for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
  test(`${folder} imports ${allowed.join(", ") || "nothing outside"}`, () => {
    const files = readdirSync(join(WEB, folder), { recursive: true }).filter((name) => name.endsWith(".js"));
    const wrong = [];
    for (const name of files) {
      for (const imported of importsOf(join(WEB, folder, name))) {
        const target = imported.startsWith(".") ? relative(WEB, normalize(join(WEB, folder, dirname(name), imported))) : imported;
        const path = target.split(sep).join("/");
        const [top = ""] = path.split("/");
        if (top !== folder && !allowed.includes(top) && !allowed.includes(path)) wrong.push(`${folder}/${name}: ${imported}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(files.length > 0);
  });
}
