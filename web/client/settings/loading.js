/** Something of the server that a part of the settings shows. */

import { t } from "../../ui/i18n.js";
import { html, useEffect, useState } from "../../ui/view.js";

/**
 * Read a value once, and keep it.
 *
 * @template T
 * @param {() => Promise<T>} read
 * @returns {{ value: T | null, failed: boolean, replace: (value: T) => void, reload: () => void }} `value`: null until read
 */
export function useLoaded(read) {
  const [value, setValue] = useState(/** @type {T | null} */ (null));
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isShown = true;
    read().then(
      (result) => isShown && setValue(() => result),
      () => isShown && setFailed(true),
    );
    return () => { isShown = false; };
  }, [attempt]);
  const reload = () => {
    setFailed(false);
    setAttempt(attempt + 1);
  };
  return { value, failed, replace: (next) => setValue(() => next), reload };
}

/** @param {{ onReload: () => void }} props */
export function LoadFailed({ onReload }) {
  return html`
    <p class="setting-row" role="alert">
      <span class="setting-hint">${t("settings.load_failed")}</span>
      <button type="button" class="link-button" onClick=${onReload}>${t("shell.try_now")}</button>
    </p>`;
}
