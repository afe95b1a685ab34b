/** The button that adds files or a location to a message. */

import { Menu } from "../../ui/menu.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useRef, useState } from "../../ui/view.js";
import { openLocation } from "./location-dialog.js";
import { ACCEPTED } from "../../ui/uploads.js";

/**
 * @param {{
 *   store: import("../store.js").Store,
 *   isDisabled: boolean,
 *   onFiles: (files: File[]) => void,
 *   onLocation: (location: import("../../sdk/types.js").Location) => void,
 * }} props
 */
export function AttachMenu({ store, isDisabled, onFiles, onLocation }) {
  const [anchor, setAnchor] = useState(/** @type {HTMLElement | null} */ (null));
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));

  /** @param {Event} event */
  function take(event) {
    const field = /** @type {HTMLInputElement} */ (event.currentTarget);
    onFiles([...field.files ?? []]);
    // So that the same file can be chosen again.
    field.value = "";
  }

  return html`
    <input type="file" class="visually-hidden" multiple accept=${ACCEPTED} tabindex="-1" aria-hidden="true" ref=${input} disabled=${isDisabled} onChange=${take} />
    <button type="button" class="icon-button" aria-label=${t("composer.attach")} title=${t("composer.attach")} aria-haspopup="menu" aria-expanded=${Boolean(anchor)}
      disabled=${isDisabled} data-testid="attach-button"
      onClick=${(/** @type {MouseEvent} */ event) => setAnchor(/** @type {HTMLElement} */ (event.currentTarget))}>
      ${h(Icon, { name: "plus" })}
    </button>
    ${anchor && h(Menu, {
      label: t("composer.attach"), anchor, onClose: () => setAnchor(null),
      items: [
        { icon: "attach", label: t("composer.choose_files"), run: () => input.current?.click(), testId: "choose-files" },
        { icon: "location", label: t("composer.send_location"), run: () => openLocation(store, onLocation), testId: "choose-location" },
      ],
    })}`;
}
