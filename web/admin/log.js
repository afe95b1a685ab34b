/** What moderators did, the newest first. */

import { h, html, useCallback } from "../ui/view.js";
import { formatFull } from "../ui/format.js";
import { Waiting, usePages } from "./loading.js";
import { addressOf } from "./place.js";
import { readLog } from "./requests.js";
import { t } from "./texts.js";
import { actionText } from "./words.js";

export function Log() {
  const read = useCallback(async (/** @type {number | undefined} */ cursor) => {
    const page = await readLog({ cursor });
    return { entries: page.entries, next: page.next_cursor };
  }, []);
  const { pages, failure, reload, more } = usePages(read);
  if (!pages) return h(Waiting, { failure, onRetry: reload });
  if (pages.entries.length === 0) return html`<p class="admin-note">${t("admin.empty_log")}</p>`;
  return html`
    <div class="admin-table" tabindex="0" role="region" aria-label=${t("admin.log")}>
      <table data-testid="log">
        <thead><tr>${/** @type {const} */ (["time", "moderator", "what", "user_column", "reason"]).map((name) => html`<th key=${name} scope="col">${t(`admin.${name}`)}</th>`)}</tr></thead>
        <tbody>${pages.entries.map((entry) => html`
          <tr key=${entry.id}><td>${formatFull(entry.created_at)}</td><td dir="auto">${entry.moderator}</td>
            <td>${entry.report_id === null ? actionText(entry.action) : html`<a href=${addressOf("decided", entry.report_id)}>${actionText(entry.action)}</a>`}</td>
            <td>${entry.user_id !== null && `#${entry.user_id}`}</td><td dir="auto">${entry.reason}</td></tr>`)}</tbody>
      </table>
    </div>
    ${pages.next !== null && html`<button type="button" class="button" onClick=${more}>${t("admin.more")}</button>`}`;
}
