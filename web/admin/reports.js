/** The review queue: reports on the left, what was said and the decision on the right. */

import { h, html, useCallback, useRef } from "../ui/view.js";
import { formatBrief, formatFull } from "../ui/format.js";
import { Waiting, usePages } from "./loading.js";
import { addressOf } from "./place.js";
import { ReportView } from "./report.js";
import { listReports } from "./requests.js";
import { t } from "./texts.js";
import { reasonText } from "./words.js";

/** @param {{ report: import("./requests.js").Report, href: string, isChosen: boolean }} props */
function Row({ report, href, isChosen }) {
  return html`
    <li><a class="admin-report-row" href=${href} aria-current=${isChosen ? "true" : undefined} data-testid=${`report-${report.id}`}>
      <span class="admin-report-line"><strong>${report.source === "held" ? t("admin.held") : reasonText(report.reason)}</strong>
        <time datetime=${report.created_at} title=${formatFull(report.created_at)}>${formatBrief(report.created_at)}</time></span>
      <span class="admin-report-words" dir="auto">${report.text || t("admin.user", { id: report.author_id })}</span>
    </a></li>`;
}

/**
 * @param {object} props
 * @param {"open" | "decided"} props.state
 * @param {import("./place.js").Section} props.section
 * @param {number | null} props.id  of the chosen report
 */
export function Reports({ state, section, id }) {
  const read = useCallback(async (/** @type {number | undefined} */ cursor) => {
    const page = await listReports({ state, cursor });
    return { entries: page.reports, next: page.next_cursor };
  }, [state]);
  const { pages, failure, reload, more } = usePages(read);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  if (!pages) return h(Waiting, { failure, onRetry: reload });

  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = /** @type {HTMLElement[]} */ ([...(list.current?.querySelectorAll("a") ?? [])]);
    const next = links[links.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const after = (/** @type {number} */ decided) => {
    const index = pages.entries.findIndex((report) => report.id === decided);
    const next = state === "open" ? pages.entries[index + 1] ?? pages.entries[index - 1] : undefined;
    location.hash = addressOf(section, next?.id ?? null);
    void reload();
  };
  return html`
    <div class="admin-reports" data-chosen=${id !== null}>
      <section class="admin-reports-list" aria-label=${t(state === "open" ? "admin.open" : "admin.decided")}>
        ${pages.entries.length === 0 && html`<p class="admin-note" data-testid="no-reports">${t("admin.all_decided")}</p>`}
        <ul ref=${list} onKeyDown=${onKeyDown}>
          ${pages.entries.map((report) => h(Row, { key: report.id, report, href: addressOf(section, report.id), isChosen: report.id === id }))}
        </ul>
        ${pages.next !== null && html`<button type="button" class="button" onClick=${more}>${t("admin.more")}</button>`}
      </section>
      <section class="admin-reports-detail">
        ${id === null ? html`<p class="admin-note">${pages.entries.length > 0 && t("admin.pick")}</p>`
          : h(ReportView, { key: id, id, back: addressOf(section), onDecided: () => after(id) })}
      </section>
    </div>`;
}
