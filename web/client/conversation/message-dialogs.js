/** Dialogs about one message: confirm, report, seen by. */

import { Avatar } from "../../ui/avatar.js";
import { Confirmation, Dialog } from "../../ui/dialog.js";
import { formatFull } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { h, html, useEffect, useId, useState } from "../../ui/view.js";

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("../../sdk/types.js").Message} Message
 */

/** Reasons that the server knows, in the order in which they are offered. */
const REASONS = /** @type {const} */ (["spam", "fraud", "harassment", "hate", "violence", "sexual", "illegal", "other"]);
/** Characters of one's own words in a report. */
const REPORT_TEXT = 1000;

/**
 * @param {Store} store
 * @param {{ title: string, text: string, confirm: string, run: () => void }} question
 */
export function openConfirmation(store, { title, text, confirm, run }) {
  store.screen.openDialog((close) => h(Confirmation, { title, text, confirm, onConfirm: run, onClose: close, isDangerous: true }));
}

/** @param {{ store: Store, message: Message, onClose: () => void }} props */
function ReportDialog({ store, message, onClose }) {
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const [isSending, setSending] = useState(false);

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    setSending(true);
    const done = await store.attempt(store.client.report(message.id, reason, text.trim() || undefined).then(() => true));
    setSending(false);
    if (!done) return;
    onClose();
    store.screen.showToast(t("message.reported"));
  }

  const formId = useId();
  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="submit" form=${formId} class="button is-danger" disabled=${!reason || isSending} data-testid="send-report">${t("message.report_send")}</button>`;
  return h(Dialog, { title: t("message.report_title"), onClose, actions, testId: "report" }, html`
    <form id=${formId} class="dialog-form" onSubmit=${submit}>
      <fieldset class="radio-list">
        <legend class="field-label">${t("message.report_reason")}</legend>
        ${REASONS.map((value) => html`
          <label key=${value} class="radio-row">
            <input type="radio" name="reason" value=${value} checked=${reason === value} required onChange=${() => setReason(value)} />
            <span>${t(`message.reason_${value}`)}</span>
          </label>`)}
      </fieldset>
      <label class="field">
        <span class="field-label">${t("message.report_text")}</span>
        <textarea class="input" rows="3" maxlength=${REPORT_TEXT} value=${text}
          onInput=${(/** @type {InputEvent} */ event) => setText(/** @type {HTMLTextAreaElement} */ (event.currentTarget).value)}></textarea>
      </label>
    </form>`);
}

/** @param {Store} store @param {Message} message */
export function openReport(store, message) {
  store.screen.openDialog((close) => h(ReportDialog, { store, message, onClose: close }));
}

/** @param {{ store: Store, message: Message, onClose: () => void }} props */
function SeenByDialog({ store, message, onClose }) {
  const [receipts, setReceipts] = useState(/** @type {readonly import("../../sdk/types.js").Receipt[] | null} */ (null));
  const [versions, setVersions] = useState(/** @type {readonly { content: string, replaced_at: string }[]} */ ([]));
  useEffect(() => {
    void store.attempt(store.client.receipts(message.id)).then((read) => setReceipts(read ?? []));
    if (message.is_edited) void store.attempt(store.client.history(message.id)).then((read) => setVersions(read ?? []));
  }, [message.id]);
  return h(Dialog, { title: t("message.seen_by"), onClose, testId: "seen-by" }, html`
    <ul class="person-list">
      ${receipts?.map(({ user, read_at: readAt, delivered_at: deliveredAt }) => html`
        <li key=${user.id} class="person-row">
          ${h(Avatar, { id: user.id, name: user.name, picture: user.picture_url, size: 36 })}
          <span class="person-texts">
            <span class="person-name" dir="auto">${user.name}</span>
            <span class="person-detail">${readAt
              ? t("message.read_when", { when: formatFull(readAt) })
              : deliveredAt ? t("message.delivered_when", { when: formatFull(deliveredAt) }) : t("message.not_seen")}</span>
          </span>
        </li>`)}
    </ul>
    ${!receipts && html`<p class="dialog-text" aria-busy="true">${t("message.loading")}</p>`}
    ${versions.length > 0 && html`
      <h3 class="dialog-heading">${t("message.earlier_texts")}</h3>
      <ul class="versions">
        ${versions.map(({ content, replaced_at: at }) => html`<li key=${at}><span dir="auto">${content}</span><time dateTime=${at}>${formatFull(at)}</time></li>`)}
      </ul>`}`);
}

/** @param {Store} store @param {Message} message */
export function openSeenBy(store, message) {
  store.screen.openDialog((close) => h(SeenByDialog, { store, message, onClose: close }));
}
