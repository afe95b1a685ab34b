/** Warnings of the moderators, which stay on the screen until the person has read them, on any device. */

import { Dialog } from "../ui/dialog.js";
import { formatFull } from "../ui/format.js";
import { t } from "../ui/i18n.js";
import { h, html, useEffect, useState } from "../ui/view.js";
import { useStore } from "./store.js";

/** @typedef {import("../sdk/index.js").Warning} Warning */

/**
 * @param {readonly Warning[]} open
 * @param {readonly Warning[]} news  some may be acknowledged by now
 * @returns {readonly Warning[]} those that are not, the oldest first
 */
export function mergeWarnings(open, news) {
  const byId = new Map([...open, ...news].map((warning) => [warning.id, warning]));
  return [...byId.values()].filter((warning) => warning.acknowledged_at === null).sort((a, b) => a.id - b.id);
}

export function Warnings() {
  const store = useStore();
  const [open, setOpen] = useState(/** @type {readonly Warning[]} */ ([]));
  useEffect(() => {
    const listening = new AbortController();
    const take = (/** @type {readonly Warning[]} */ news) => {
      if (!listening.signal.aborted) setOpen((before) => mergeWarnings(before, news));
    };
    // They are no part of a catch-up: after each one, they are read again. A failure is followed by the next one.
    const read = () => { store.client.listWarnings().then(take, () => undefined); };
    store.client.on("sync", read, { signal: listening.signal });
    store.client.on("warning", (warning) => take([warning]), { signal: listening.signal });
    read();
    return () => listening.abort();
  }, [store]);
  const [warning] = open;
  if (!warning) return null;
  const acknowledge = async () => {
    const now = new Date().toISOString();
    await store.attempt(store.client.acknowledgeWarning(warning.id).then(() => setOpen((before) => mergeWarnings(before, [{ ...warning, acknowledged_at: now }]))));
  };
  const actions = html`
    <button type="button" class="button is-primary" data-testid="acknowledge" onClick=${acknowledge}>${t("shell.warning_read")}</button>`;
  return h(Dialog, { key: warning.id, title: t("shell.warning_title"), onClose: acknowledge, actions, isAlert: true, class: "is-small", testId: "warning" }, html`
    <p class="warning-reason" dir="auto">${warning.reason}</p>
    <p class="field-label">${formatFull(warning.created_at)}</p>`);
}
