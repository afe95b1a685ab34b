/** Numbers, times and lists in the current language. Formatters are kept: making one takes longer than using it. */

import { locale } from "./texts.js";

/** @type {Map<string, any>} */
const formatters = new Map();

/**
 * @template F
 * @param {string} name
 * @param {(locale: string) => F} make
 * @returns {F}
 */
function formatter(name, make) {
  const tag = locale();
  const key = `${name} ${tag}`;
  if (!formatters.has(key)) formatters.set(key, make(tag));
  return formatters.get(key);
}

/** @typedef {Date | number | string} Moment  a date, milliseconds since 1970, or an ISO 8601 text */

/** @param {Moment} moment */
const dateOf = (moment) => (moment instanceof Date ? moment : new Date(moment));

/**
 * Days from a moment to another, in the calendar of the device.
 *
 * @param {Date} from
 * @param {Date} to
 */
function daysBetween(from, to) {
  const start = Date.UTC(from.getFullYear(), from.getMonth(), from.getDate());
  return Math.round((Date.UTC(to.getFullYear(), to.getMonth(), to.getDate()) - start) / 86_400_000);
}

/** @param {number} value */
export function formatNumber(value) {
  return formatter("number", (tag) => new Intl.NumberFormat(tag)).format(value);
}

/**
 * A count in little room: 1.2K.
 *
 * @param {number} value
 */
export function formatCount(value) {
  const make = (/** @type {string} */ tag) => new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  return formatter("count", make).format(value);
}

/** @param {number} fraction  0 to 1 */
export function formatPercent(fraction) {
  return formatter("percent", (tag) => new Intl.NumberFormat(tag, { style: "percent" })).format(fraction);
}

/**
 * A price without needless decimals. A currency that `Intl` does not know is written after the amount.
 *
 * @param {number} amount
 * @param {string} currency  ISO 4217
 */
export function formatPrice(amount, currency) {
  if (!/^[A-Za-z]{3}$/.test(currency)) return `${formatNumber(amount)} ${currency}`.trim();
  const digits = Number.isInteger(amount) ? 0 : 2;
  const options = { style: /** @type {const} */ ("currency"), currency, minimumFractionDigits: digits, maximumFractionDigits: 2 };
  return formatter(`price ${currency} ${digits}`, (tag) => new Intl.NumberFormat(tag, options)).format(amount);
}

const UNITS = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte"]);

/** @param {number} bytes */
export function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  const unit = UNITS[power] ?? "byte";
  const make = (/** @type {string} */ tag) => new Intl.NumberFormat(tag, {
    style: "unit", unit, unitDisplay: power ? "short" : "long", maximumFractionDigits: power > 1 ? 1 : 0,
  });
  return formatter(`bytes ${unit}`, make).format(bytes / 1000 ** power);
}

/**
 * Minutes and seconds: 0:14.
 *
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

/**
 * The time of day: 14:32.
 *
 * @param {Moment} moment
 */
export function formatTime(moment) {
  const make = (/** @type {string} */ tag) => new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit" });
  return formatter("time", make).format(dateOf(moment));
}

/**
 * Day and time in full, for a tooltip.
 *
 * @param {Moment} moment
 */
export function formatFull(moment) {
  const make = (/** @type {string} */ tag) => new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "short" });
  return formatter("full", make).format(dateOf(moment));
}

/**
 * The day for a separator: Today, Yesterday, Monday, 24 November.
 *
 * @param {Moment} moment
 * @param {Date} [now]
 */
export function formatDay(moment, now = new Date()) {
  const date = dateOf(moment);
  const days = daysBetween(date, now);
  if (days === 0 || days === 1) {
    const text = formatter("relative", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" })).format(-days, "day");
    return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
  }
  if (days > 1 && days < 7) return formatter("weekday", (tag) => new Intl.DateTimeFormat(tag, { weekday: "long" })).format(date);
  const isThisYear = date.getFullYear() === now.getFullYear();
  const make = (/** @type {string} */ tag) => new Intl.DateTimeFormat(tag, {
    day: "numeric", month: "long", ...(isThisYear ? {} : { year: "numeric" }),
  });
  return formatter(`day ${isThisYear}`, make).format(date);
}

/**
 * When something was, in little room: 14:32, Mon, 24 Nov, 24/11/2025.
 *
 * @param {Moment} moment
 * @param {Date} [now]
 */
export function formatBrief(moment, now = new Date()) {
  const date = dateOf(moment);
  const days = daysBetween(date, now);
  if (days <= 0) return formatTime(date);
  if (days < 7) return formatter("day", (tag) => new Intl.DateTimeFormat(tag, { weekday: "short" })).format(date);
  if (date.getFullYear() === now.getFullYear()) {
    return formatter("date", (tag) => new Intl.DateTimeFormat(tag, { day: "numeric", month: "short" })).format(date);
  }
  return formatter("year", (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "short" })).format(date);
}

/**
 * How long ago: 5 minutes ago, in 3 days.
 *
 * @param {Moment} moment
 * @param {Date} [now]
 */
export function formatAgo(moment, now = new Date()) {
  const seconds = (dateOf(moment).getTime() - now.getTime()) / 1000;
  /** @type {readonly [Intl.RelativeTimeFormatUnit, number][]} */
  const steps = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const relative = formatter("relative", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, "second");
}

/**
 * Names as a list: Mira, Somchai and Jonas.
 *
 * @param {readonly string[]} names
 */
export function formatList(names) {
  return formatter("list", (tag) => new Intl.ListFormat(tag, { type: "conjunction" })).format(names);
}
