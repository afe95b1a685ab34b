/** One report: what was said, and what to do about it. */

import { h, html, useCallback, useState } from "../ui/view.js";
import { formatFull } from "../ui/format.js";
import { Confirmation } from "../ui/dialog.js";
import { Waiting, reasonOf, useData } from "./loading.js";
import { decide, readReport } from "./requests.js";
import { t } from "./texts.js";
import { actionText, reasonText } from "./words.js";

/** @typedef {import("./requests.js").ReportDetail} ReportDetail */
/** @typedef {import("./requests.js").EvidenceMessage} EvidenceMessage */

const ACTIONS = ["dismiss", "remove_message", "warn", "shadow_ban", "ban"];
const GRAVE = ["ban", "shadow_ban", "remove_message"];
const SOURCES = /** @type {const} */ ({ user: "admin.source_user", filter: "admin.source_filter", held: "admin.source_held" });

/** @param {{ message: EvidenceMessage, isReported: boolean }} props */
function Said({ message, isReported }) {
  return html`
    <li class=${isReported ? "admin-said is-reported" : "admin-said"}>
      <span class="admin-said-head"><strong dir="auto">${message.sender.name || message.sender.username}</strong>
        <span class="admin-said-id">#${message.sender.id}</span><time datetime=${message.created_at}>${formatFull(message.created_at)}</time></span>
      ${isReported && html`<span class="admin-said-mark">${t("admin.reported")}</span>`}
      <p dir="auto">${message.content}</p>
      ${message.attachments.map((file) => html`<p key=${file.id} class="admin-said-file">${t("admin.file")}: ${
        /^https?:\/\//.test(file.url) ? html`<a href=${file.url} target="_blank" rel="noopener noreferrer">${file.file_name}</a>` : file.file_name}</p>`)}
    </li>`;
}

/**
 * A time of the field, in the time zone of the device, as the server wants it.
 *
 * @param {string} local  empty for none
 */
const moment = (local) => (local ? new Date(local).toISOString() : null);

/** @param {{ report: ReportDetail, onDecided: () => void }} props */
function DecisionForm({ report, onDecided }) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [asked, setAsked] = useState(/** @type {string | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const run = async (/** @type {string} */ action) => {
    setBusy(true);
    try {
      await decide(report.id, { action, reason, until: action.endsWith("ban") ? moment(until) : null });
      onDecided();
    } catch (error) {
      setFailure(reasonOf(error));
      setBusy(false);
    }
  };
  const value = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;
  return html`
    <form class="admin-decision" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <h2>${t("admin.decide")}</h2>
      <label class="field"><span class="field-label">${t("admin.reason_for_warning")}</span>
        <input class="input" maxlength="500" value=${reason} data-testid="decision-reason" onInput=${(/** @type {Event} */ event) => setReason(value(event))} /></label>
      <label class="field admin-decision-until"><span class="field-label">${t("admin.until")}</span>
        <input class="input" type="datetime-local" value=${until} onInput=${(/** @type {Event} */ event) => setUntil(value(event))} /></label>
      <div class="admin-decision-buttons">
        ${ACTIONS.map((action) => html`
          <button key=${action} type="button" disabled=${isBusy} data-testid=${`decide-${action}`}
            class=${`button${action === "ban" ? " is-danger" : action === "dismiss" ? "" : ""}`}
            onClick=${() => (GRAVE.includes(action) ? setAsked(action) : void run(action))}>${actionText(action)}</button>`)}
      </div>
      ${failure && html`<p class="field-error" role="alert">${failure}</p>`}
      ${asked && h(Confirmation, {
        title: actionText(asked), text: t("admin.sure"), confirm: actionText(asked), isDangerous: true,
        onConfirm: () => { void run(asked); }, onClose: () => setAsked(null),
      })}
    </form>`;
}

/** @param {{ id: number, back: string, onDecided: () => void }} props */
export function ReportView({ id, back, onDecided }) {
  const { data: report, failure, reload } = useData(useCallback(() => readReport(id), [id]));
  if (!report) return h(Waiting, { failure, onRetry: reload });
  const user = (/** @type {number} */ userId) => {
    const known = report.evidence.find(({ sender }) => sender.id === userId)?.sender;
    return known ? `${known.name || known.username} · #${userId}` : t("admin.user", { id: userId });
  };
  return html`
    <article class="admin-report" data-testid="report">
      <a class="admin-report-back" href=${back}>${t("admin.back")}</a>
      <header>
        <h2>${report.source === "held" ? t("admin.held") : reasonText(report.reason)}</h2>
        <p class="admin-report-meta">${t(SOURCES[report.source] ?? "admin.source_user")} · ${formatFull(report.created_at)}</p>
        ${report.text && html`<blockquote dir="auto">${report.text}</blockquote>`}
        <dl class="admin-report-people">
          <div><dt>${t("admin.author")}</dt><dd>${user(report.author_id)}</dd></div>
          ${report.reporter_id !== null && html`<div><dt>${t("admin.reporter")}</dt><dd>${user(report.reporter_id)}</dd></div>`}
        </dl>
      </header>
      ${report.state === "decided" && report.action !== null
        ? html`<p class="admin-report-decided" role="status">${t("admin.decided_by", {
          action: actionText(report.action), moderator: report.decided_by ?? "", time: report.decided_at ? formatFull(report.decided_at) : "",
        })}</p>`
        : h(DecisionForm, { report, onDecided })}
      <h2>${t("admin.evidence")}</h2>
      <ol class="admin-evidence">
        ${report.held_content !== null && html`<li class="admin-said is-reported"><p dir="auto">${report.held_content}</p></li>`}
        ${report.evidence.map((message) => h(Said, { key: message.id, message, isReported: message.id === report.message_id }))}
      </ol>
    </article>`;
}
