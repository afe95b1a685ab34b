/** The button that opens the emoji. */

import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useState } from "../../ui/view.js";
import { EmojiPopover } from "../conversation/emoji-popover.js";

/**
 * @param {{ onChoose: (emoji: string) => void }} props
 */
export function EmojiButton({ onChoose }) {
  const [anchor, setAnchor] = useState(/** @type {HTMLElement | null} */ (null));
  return html`
    <button type="button" class="icon-button" aria-label=${t("composer.emoji")} title=${t("composer.emoji")} aria-haspopup="dialog" aria-expanded=${Boolean(anchor)}
      data-testid="emoji-button" onClick=${(/** @type {MouseEvent} */ event) => setAnchor(anchor ? null : /** @type {HTMLElement} */ (event.currentTarget))}>
      ${h(Icon, { name: "smile" })}
    </button>
    ${anchor && h(EmojiPopover, { anchor, onClose: () => setAnchor(null), onChoose })}`;
}
