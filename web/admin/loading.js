/** Data of the server in a component: what is shown while it is read, and when that fails. */

import { RefusedError, UnauthorizedError } from "../sdk/errors.js";
import { html, useCallback, useEffect, useState } from "../ui/view.js";
import { t } from "./texts.js";

/**
 * What to say about a failure. Where the log-in has ended, the page goes to the log-in instead.
 *
 * @param {unknown} error
 */
export function reasonOf(error) {
  if (error instanceof UnauthorizedError) {
    location.assign(`/login?next=${encodeURIComponent(`/admin${location.hash}`)}`);
    return t("admin.loading");
  }
  if (error instanceof RefusedError) return error.status === 403 ? t("admin.forbidden") : t("admin.failed", { reason: error.message });
  return t("admin.unanswered");
}

/**
 * Read something when the component appears, and again when `read` is another function.
 *
 * @template T
 * @param {() => Promise<T>} read
 * @returns {{ data: T | null, failure: string | null, reload: () => Promise<void> }}
 */
export function useData(read) {
  const [data, setData] = useState(/** @type {T | null} */ (null));
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const reload = useCallback(() => read().then(
    (found) => { setData(found); setFailure(null); },
    (error) => setFailure(reasonOf(error)),
  ), [read]);
  useEffect(() => {
    let isCurrent = true;
    setData(null);
    read().then((found) => { if (isCurrent) { setData(found); setFailure(null); } }, (error) => { if (isCurrent) setFailure(reasonOf(error)); });
    return () => { isCurrent = false; };
  }, [read]);
  return { data, failure, reload };
}

/** @param {{ failure: string | null, onRetry: () => void }} props */
export function Waiting({ failure, onRetry }) {
  if (failure === null) return html`<p class="admin-note" role="status">${t("admin.loading")}</p>`;
  return html`
    <div class="admin-note" role="alert"><p>${failure}</p>
      <button type="button" class="button" onClick=${onRetry}>${t("ui.pane_reload")}</button></div>`;
}

/**
 * A list that is read page by page.
 *
 * @template T
 * @param {(cursor: number | undefined) => Promise<{ entries: T[], next: number | null }>} read  the same function for the same list
 */
export function usePages(read) {
  const [pages, setPages] = useState(/** @type {{ entries: T[], next: number | null } | null} */ (null));
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const load = useCallback(async (/** @type {number | undefined} */ cursor) => {
    try {
      const { entries, next } = await read(cursor);
      setPages((before) => ({ entries: cursor === undefined || !before ? entries : [...before.entries, ...entries], next }));
      setFailure(null);
    } catch (error) {
      setFailure(reasonOf(error));
    }
  }, [read]);
  useEffect(() => {
    setPages(null);
    void load(undefined);
  }, [load]);
  return { pages, failure, reload: () => load(undefined), more: () => load(pages?.next ?? undefined) };
}
