/** How long a chat stays silent or out of sight. */

import { formatTime } from "../../ui/format.js";
import { locale, t } from "../../ui/i18n.js";

const HOUR = 3_600_000;
/** When a day begins for a reminder, as an hour. */
const MORNING = 9;

/**
 * @param {number} value
 * @param {"hour" | "day" | "week"} unit
 */
const formatSpan = (value, unit) => new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(value);

/** @param {number} hours */
const hoursFromNow = (hours) => new Date(Date.now() + hours * HOUR).toISOString();

/** @returns {{ label: string, until: string | undefined }[]}  without `until`: until it is ended by hand */
export function mutePeriods() {
  return [
    { label: formatSpan(1, "hour"), until: hoursFromNow(1) },
    { label: formatSpan(8, "hour"), until: hoursFromNow(8) },
    { label: formatSpan(1, "week"), until: hoursFromNow(24 * 7) },
    { label: t("chats.mute_always"), until: undefined },
  ];
}

/**
 * @param {Date} [now]
 * @returns {{ label: string, until: string }[]}
 */
export function snoozePeriods(now = new Date()) {
  const morning = (/** @type {number} */ days) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  const weekday = new Intl.DateTimeFormat(locale(), { weekday: "long" }).format(morning(daysToMonday));
  return [
    { label: formatSpan(3, "hour"), until: new Date(now.getTime() + 3 * HOUR).toISOString() },
    { label: t("chats.tomorrow_at", { time: formatTime(morning(1)) }), until: morning(1).toISOString() },
    { label: t("chats.day_at", { day: weekday, time: formatTime(morning(daysToMonday)) }), until: morning(daysToMonday).toISOString() },
  ];
}
