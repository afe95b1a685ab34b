/** All emoji, beside what they are for; loaded when they are first opened. */

import { withStyles } from "../../ui/lazy.js";
import { Popup } from "../../ui/popup.js";
import { t } from "../../ui/texts.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { useStore } from "../store.js";

/**
 * @param {{
 *   anchor: import("../../ui/menu.js").MenuAnchor,
 *   onChoose: (emoji: string) => void,
 *   onClose: () => void,
 * }} props
 */
export function EmojiPopover({ anchor, onChoose, onClose }) {
  const store = useStore();
  const [picker, setPicker] = useState(/** @type {{ View: typeof import("../lazy/emoji.js").EmojiPicker } | null} */ (null));
  useEffect(() => {
    void store.loadPart(withStyles(import("../lazy/emoji.js"), "emoji")).then((loaded) => loaded ? setPicker({ View: loaded.EmojiPicker }) : onClose());
  }, []);
  return h(Popup, { label: t("composer.emoji"), class: "is-emoji", anchor, onClose, testId: "emoji-popup" }, picker
    ? h(picker.View, { onChoose })
    : html`<div class="emoji-loading" aria-busy="true">${t("message.loading")}</div>`);
}
