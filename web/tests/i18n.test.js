/** Every language has the same texts, with the same places for values and all its plurals. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../i18n/", import.meta.url);
const LOCALES = { ru: "ru", sr: "sr-Latn", th: "th" };

const load = async (path) => (await import(new URL(path, FOLDER))).texts;
const forms = (text) => (typeof text === "string" ? [text] : Object.values(text));
const values = (text) => [...new Set(forms(text).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();
const modules = readdirSync(new URL("en/", FOLDER)).filter((name) => name.endsWith(".js"));

for (const [language, locale] of Object.entries(LOCALES)) {
  for (const name of modules) {
    test(`${language}/${name}`, async () => {
      const [english, texts] = [await load(`en/${name}`), await load(`${language}/${name}`)];
      assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
      const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
      for (const [key, text] of Object.entries(texts)) {
        assert.ok(forms(text).every((form) => form.trim()), `${key} is empty`);
        assert.deepEqual(values(text), values(english[key]), `${key} has other places for values`);
        if (typeof text === "string") continue;
        // Fractions aside, Russian and Serbian use each of their categories for some whole number.
        const used = new Set(Array.from({ length: 200 }, (_, count) => new Intl.PluralRules(locale).select(count)));
        for (const category of pluralCategories.filter((one) => used.has(one))) {
          assert.ok(text[category] ?? text.other, `${key} has no plural for ${category}`);
        }
      }
    });
  }
}

test("the modules of a language make its catalogue", async () => {
  for (const language of ["en", ...Object.keys(LOCALES)]) {
    const catalogue = Object.keys(await load(`${language}.js`));
    const known = new Set((await Promise.all(modules.map((name) => load(`${language}/${name}`)))).flatMap(Object.keys));
    assert.deepEqual(catalogue.filter((key) => !known.has(key)), []);
    assert.equal(new Set(catalogue).size, catalogue.length);
  }
});
