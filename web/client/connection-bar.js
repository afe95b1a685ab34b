/** A bar across the screen while the connection is disturbed: what it means for the person, and what they can do. */

import { effect, html, useEffect, useSignal } from "../ui/view.js";
import { t } from "../ui/i18n.js";
import { useStore } from "./store.js";

/** @typedef {"offline" | "unreachable" | "polling" | "reconnecting" | "back"} Notice */

/** A disturbance that is over before is not worth a word, in ms. */
const PATIENCE = 2_000;
/** How long the bar says that all is well again, in ms. */
const RELIEF = 2_000;
/** Failures in a row after which the server counts as unreachable. */
const UNREACHABLE_AFTER = 10;

/**
 * What to say about a connection that is not live and has not been for a while.
 *
 * @param {import("./store.js").Connection} connection
 * @param {boolean} isOnline  whether the browser has a network
 * @returns {Exclude<Notice, "back"> | null}
 */
export function noticeOf({ state, attempts, lostAt }, isOnline) {
  if (state === "stopped" || state === "disconnected" || (state === "live" && isOnline)) return null;
  if (!isOnline) return "offline";
  if (attempts >= UNREACHABLE_AFTER) return "unreachable";
  if (state === "polling") return "polling";
  return lostAt === null && attempts === 0 ? null : "reconnecting";
}

/**
 * The notice as it is shown: after `PATIENCE`, and followed by "back".
 *
 * @param {import("./store.js").Store} store
 * @param {(notice: Notice | null) => void} show
 * @returns {() => void} ends it
 */
export function followNotice(store, show) {
  /** @type {Notice | null} */
  let shown = null;
  let timer = 0;
  const put = (/** @type {Notice | null} */ notice) => {
    shown = notice;
    show(notice);
  };
  const end = effect(() => {
    const connection = store.connection.value;
    const notice = noticeOf(connection, store.screen.isOnline.value);
    clearTimeout(timer);
    if (notice !== null) {
      const passed = connection.lostAt === null ? 0 : Date.now() - connection.lostAt;
      if (shown !== null && shown !== "back") put(notice);
      else timer = setTimeout(put, Math.max(0, Math.min(PATIENCE, PATIENCE - passed)), notice);
    } else if (shown !== null && connection.state === "live") {
      put("back");
      timer = setTimeout(put, RELIEF, null);
    } else {
      put(null);
    }
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}

export function ConnectionBar() {
  const store = useStore();
  const notice = useSignal(/** @type {Notice | null} */ (null));
  useEffect(() => followNotice(store, (next) => { notice.value = next; }), [store]);
  const name = notice.value;
  const canRetry = name === "polling" || name === "unreachable";
  return html`
    <div class="connection-bar-place" role="status">
      ${name && html`
        <div class=${`connection-bar is-${name}`} data-testid="connection-bar" data-state=${name}>
          <span>${t(`shell.connection_${name}`)}</span>
          ${canRetry && html`
            <button type="button" class="link-button" onClick=${() => store.client.connection.retryNow()}>${t("shell.try_now")}</button>`}
        </div>`}
    </div>`;
}
