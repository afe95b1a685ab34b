import { t } from "../../ui/i18n.js";
import { formatFull } from "../../ui/format.js";
import { html, useEffect, useState } from "../../ui/view.js";
import { useStore } from "../store.js";

/** How often to ask whether an export is ready, in ms. */
const PERIOD = 3_000;

/** @typedef {{ id: string, status: string, url?: string, expires_at?: string }} Export */

/** An archive of everything that the server keeps about me. */
export function DataExport() {
  const store = useStore();
  const [shown, setShown] = useState(/** @type {Export | null} */ (null));
  const isUnderway = shown !== null && !shown.url && shown.status !== "failed";
  useEffect(() => {
    if (!isUnderway) return undefined;
    // A failed look is followed by the next one.
    const look = () => store.client.readExport(shown.id).then(setShown, () => undefined);
    const timer = setInterval(look, PERIOD);
    return () => clearInterval(timer);
  }, [shown?.id, isUnderway]);
  const request = async () => setShown(await store.attempt(store.client.requestExport()) ?? null);
  return html`
    <div class="setting-row">
      <span class="setting-texts" role="status">
        <span class="setting-label">${t("settings.export")}</span>
        <span class="setting-hint">${describe(shown, isUnderway)}</span>
      </span>
      ${shown?.url
        ? html`<a class="button is-primary" href=${shown.url} download data-testid="export-link">${t("settings.export_download")}</a>`
        : html`<button type="button" class="button" disabled=${isUnderway} data-testid="export" onClick=${request}>${t("settings.export_start")}</button>`}
    </div>`;
}

/**
 * @param {Export | null} shown
 * @param {boolean} isUnderway
 */
function describe(shown, isUnderway) {
  if (shown === null) return t("settings.export_hint");
  if (isUnderway) return t("settings.export_underway");
  if (!shown.url) return t("settings.export_failed");
  return shown.expires_at ? t("settings.export_ready_until", { when: formatFull(shown.expires_at) }) : t("settings.export_ready");
}
