/** A bar across the screen when the server has a newer release than the page. */

import { t } from "../ui/i18n.js";
import { html } from "../ui/view.js";
import { isOutdated } from "./release.js";

export function OutdatedBar() {
  return html`
    <div role="status">
      ${isOutdated.value && html`
        <div class="connection-bar is-outdated" data-testid="outdated-bar">
          <span>${t("shell.outdated")}</span>
          <button type="button" class="link-button" onClick=${() => location.reload()}>${t("shell.reload")}</button>
        </div>`}
    </div>`;
}
