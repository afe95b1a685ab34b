/** What the person must decide when the connection does not come back by itself. */

import { Dialog } from "../ui/dialog.js";
import { t } from "../ui/i18n.js";
import { h, html } from "../ui/view.js";
import { useStore } from "./store.js";

export function StoppedDialog() {
  const store = useStore();
  const { state, reason } = store.connection.value;
  if (state !== "stopped" || reason === null) return null;
  const { title, text, label, run } = describe(store, reason);
  const actions = html`<button type="button" class="button is-primary" data-testid="stopped-action" onClick=${run}>${label}</button>`;
  return h(Dialog, { title, onClose: run, actions, isAlert: true, class: "is-small", testId: `stopped-${reason}` }, html`<p>${text}</p>`);
}

/**
 * @param {import("./store.js").Store} store
 * @param {import("../sdk/index.js").StopReason} reason
 */
function describe(store, reason) {
  if (reason === "replaced") {
    return {
      title: t("shell.replaced_title"), text: t("shell.replaced_text"), label: t("shell.use_here"), run: () => store.client.connect(),
    };
  }
  if (reason === "unauthorized") {
    const next = encodeURIComponent(location.pathname + location.hash);
    return {
      title: t("shell.signed_out_title"), text: t("shell.signed_out_text"), label: t("shell.log_in_again"),
      run: () => location.assign(`/login?next=${next}`),
    };
  }
  return { title: t("shell.refused_title"), text: t("shell.refused_text"), label: t("shell.reload"), run: () => location.reload() };
}
