/** A line that says why nothing arrives, shown only when something lasts. */

import { html, useEffect, useState } from "../view.js";
import { t } from "../texts.js";
import { useConnection } from "./changes.js";

/** Shorter disturbances are not worth a notice, in ms. */
const GRACE = 2_000;

/** @param {import("../../sdk/index.js").ConnectionInfo} connection */
function textOf({ state, reason }) {
  if (state === "stopped") return t(reason === "unauthorized" ? "assistant.signed_out" : "assistant.refused");
  if (!globalThis.navigator.onLine) return t("assistant.offline");
  if (state === "polling") return t("assistant.polling");
  return state === "live" || state === "disconnected" ? null : t("assistant.reconnecting");
}

/** @param {{ client: import("./changes.js").Connected, onRestart?: () => void }} props  `onRestart`: begins another conversation */
export function ConnectionNotice({ client, onRestart }) {
  const connection = useConnection(client);
  const text = textOf(connection);
  const [isLate, setLate] = useState(false);
  const isWaiting = text !== null;
  useEffect(() => {
    if (!isWaiting) return setLate(false);
    const timer = setTimeout(() => setLate(true), GRACE);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  const isShown = text !== null && (isLate || connection.state === "stopped");
  return html`
    <div class="assistant-notice" role="status" hidden=${!isShown} data-testid="connection-notice">
      <span>${isShown && text}</span>
      ${isShown && connection.state !== "stopped" && html`
        <button type="button" class="assistant-link" onClick=${() => connection.retryNow()}>${t("assistant.try_now")}</button>`}
      ${isShown && connection.state === "stopped" && onRestart && html`
        <button type="button" class="assistant-link" onClick=${onRestart}>${t("assistant.new")}</button>`}
    </div>`;
}
