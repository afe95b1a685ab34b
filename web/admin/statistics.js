/** Numbers: who is connected now, and what the assistant did in the last thirty days. */

import { h, html, useCallback } from "../ui/view.js";
import { formatNumber, formatPercent } from "../ui/format.js";
import { Waiting, useData } from "./loading.js";
import { readStats } from "./requests.js";
import { t } from "./texts.js";

/** @typedef {import("./requests.js").Numbers} Numbers */

/** @param {Numbers} numbers */
const shareOf = (numbers) => (numbers.answers ? formatPercent(numbers.answers_with_items / numbers.answers) : "–");

/** @param {Numbers} numbers */
const secondsOf = (numbers) => (numbers.answer_seconds_mean === null ? "–" : `${formatNumber(Math.round(numbers.answer_seconds_mean * 100) / 100)} s`);

/** @param {{ label: string, value: string }} props */
function Tile({ label, value }) {
  return html`<div class="admin-tile"><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** @param {{ data: import("./requests.js").SocketStats }} props */
function Sockets({ data }) {
  return html`
    <dl class="admin-tiles" data-testid="socket-stats">
      ${h(Tile, { label: t("admin.connections"), value: formatNumber(data.connections) })}
      ${h(Tile, { label: t("admin.users_online"), value: formatNumber(data.users) })}
      ${h(Tile, { label: t("admin.frames_in"), value: formatNumber(data.frames_in) })}
      ${h(Tile, { label: t("admin.frames_out"), value: formatNumber(data.frames_out) })}
    </dl>`;
}

/** @param {{ data: import("./requests.js").AssistantStats }} props */
function Assistant({ data: { total, days } }) {
  return html`
    <dl class="admin-tiles" data-testid="assistant-stats">
      ${h(Tile, { label: t("admin.sessions"), value: formatNumber(total.sessions) })}
      ${h(Tile, { label: t("admin.questions"), value: formatNumber(total.questions) })}
      ${h(Tile, { label: t("admin.answers"), value: formatNumber(total.answers) })}
      ${h(Tile, { label: t("admin.hit_rate"), value: shareOf(total) })}
      ${h(Tile, { label: t("admin.handovers"), value: formatNumber(total.handovers) })}
      ${h(Tile, { label: t("admin.ratings"), value: `+${formatNumber(total.ratings_up)} / −${formatNumber(total.ratings_down)}` })}
      ${h(Tile, { label: t("admin.mean_time"), value: secondsOf(total) })}
    </dl>
    ${days.length > 0 && html`
      <h3>${t("admin.days")}</h3>
      <div class="admin-table" tabindex="0" role="region" aria-label=${t("admin.days")}>
        <table>
          <thead><tr>${/** @type {const} */ (["time", "language", "sessions", "questions", "answers", "hit_rate", "answers_failed", "mean_time"]).map((name) => html`<th key=${name} scope="col">${t(`admin.${name}`)}</th>`)}</tr></thead>
          <tbody>${days.map((day) => html`
            <tr key=${`${day.day} ${day.language}`}><td>${day.day}</td><td>${day.language}</td><td>${formatNumber(day.sessions)}</td><td>${formatNumber(day.questions)}</td>
              <td>${formatNumber(day.answers)}</td><td>${shareOf(day)}</td><td>${formatNumber(day.answers_failed)}</td><td>${secondsOf(day)}</td></tr>`)}</tbody>
        </table>
      </div>`}`;
}

export function Statistics() {
  const { data, failure, reload } = useData(useCallback(readStats, []));
  if (!data) return h(Waiting, { failure, onRetry: reload });
  return html`
    <section class="admin-statistics">
      <h2>${t("admin.sockets")}</h2>
      ${h(Sockets, { data: data.sockets })}
      <h2>${t("admin.assistant")} · ${t("admin.total")}</h2>
      ${h(Assistant, { data: data.assistant })}
    </section>`;
}
