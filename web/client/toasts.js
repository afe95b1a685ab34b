/** Notices that pass by themselves, above the composer. */

import { Icon } from "../ui/icons.js";
import { h, html } from "../ui/view.js";
import { t } from "../ui/i18n.js";
import { useStore } from "./store.js";

export function Toasts() {
  const { screen } = useStore();
  return html`
    <div class="toasts" role="status">
      ${screen.toasts.value.map(({ id, text, tone, action }) => html`
        <div key=${id} class=${`toast is-${tone}`} data-testid="toast">
          <span class="toast-text" dir="auto">${text}</span>
          ${action && html`
            <button type="button" class="link-button" onClick=${() => { screen.dismissToast(id); action.run(); }}>${action.label}</button>`}
          <button type="button" class="icon-button is-small" aria-label=${t("ui.close")} onClick=${() => screen.dismissToast(id)}>
            ${h(Icon, { name: "close", size: 16 })}
          </button>
        </div>`)}
    </div>`;
}
