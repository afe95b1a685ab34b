/** Numbers and times as people of each language write them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatAgo, formatBrief, formatBytes, formatCount, formatDay, formatDuration, formatList, formatPrice, formatTime,
} from "../ui/format.js";
import { chooseLanguage, switchLanguage, t } from "../ui/i18n.js";

const NOW = new Date(2026, 10, 29, 15, 30);
const at = (...parts) => new Date(2026, ...parts);
const plain = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");

test("days and times in English", () => {
  assert.equal(formatDay(at(10, 29, 0, 1), NOW), "Today");
  assert.equal(formatDay(at(10, 28, 23, 59), NOW), "Yesterday");
  assert.equal(formatDay(at(10, 24, 12), NOW), "Tuesday");
  assert.match(formatDay(at(10, 22, 12), NOW), /^(November 22|22 November)$/);
  assert.match(formatDay(new Date(2025, 10, 29), NOW), /2025/);
  assert.equal(formatBrief(at(10, 29, 9, 5), NOW), formatTime(at(10, 29, 9, 5)));
  assert.equal(formatBrief(at(10, 23, 9), NOW), "Mon");
  assert.equal(formatAgo(at(10, 29, 15, 25), NOW), "5 minutes ago");
  assert.equal(formatAgo(at(10, 29, 15, 30), NOW), "now");
});

test("a clock that is behind shows a time, and no day of the future", () => {
  assert.equal(formatBrief(at(10, 30, 0, 5), NOW), formatTime(at(10, 30, 0, 5)));
});

test("amounts", () => {
  assert.equal(plain(formatPrice(150, "EUR")), "€150");
  assert.equal(plain(formatPrice(18.5, "EUR")), "€18.50");
  assert.equal(formatPrice(5, "points"), "5 points");
  assert.equal(formatCount(1_234), "1.2K");
  assert.equal(formatBytes(0), "0 bytes");
  assert.match(formatBytes(999_999), /^1,?000 kB$/);
  assert.equal(formatBytes(2_500_000), "2.5 MB");
  assert.deepEqual([0, 14.4, 61, 3_661].map(formatDuration), ["0:00", "0:14", "1:01", "1:01:01"]);
  assert.equal(formatList(["Mira", "Somchai", "Jonas"]).replace(", and", " and"), "Mira, Somchai and Jonas");
});

test("Serbian is written in Latin letters", async () => {
  await switchLanguage("sr");
  assert.equal(formatDay(at(10, 28), NOW), "Juče");
  assert.equal(formatDay(at(10, 22), NOW), "22. novembar");
  assert.equal(t("ui.close"), "Zatvori");
});

test("Russian and Thai", async () => {
  await switchLanguage("ru");
  assert.equal(formatDay(at(10, 29), NOW), "Сегодня");
  assert.equal(plain(formatPrice(4_500, "RUB")), "4 500 ₽");
  await switchLanguage("th");
  assert.equal(formatDay(at(10, 28), NOW), "เมื่อวาน");
  assert.match(formatDay(new Date(2025, 10, 29), NOW), /2568/, "the Buddhist year");
  await switchLanguage("en");
});

test("the language of a person is the first that there is", () => {
  assert.equal(chooseLanguage(["sr-Latn-RS", "en"]), "sr");
  assert.equal(chooseLanguage([null, "de", "ru-RU"]), "ru");
  assert.equal(chooseLanguage(["de"]), "en");
});
