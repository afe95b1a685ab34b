/** The menu of a message, and the emoji to react with. */

import { Menu } from "../../ui/menu.js";
import { Popup } from "../../ui/popup.js";
import { t } from "../../ui/texts.js";
import { h } from "../../ui/view.js";
import { EmojiPopover } from "./emoji-popover.js";
import { QuickReactions } from "./reactions.js";

/** @param {import("../../sdk/types.js").Message} message */
function mineOf(message) {
  return message.reactions.filter(({ mine }) => mine).map(({ emoji }) => emoji);
}

/** @param {{ actions: import("./message-actions.js").MessageActions }} props */
export function MessageMenu({ actions }) {
  const menu = actions.menu.value;
  const picker = actions.picker.value;

  /** @param {import("../../sdk/types.js").Message} message @param {string} emoji */
  function choose(message, emoji) {
    actions.toggleReaction(message, emoji, mineOf(message).includes(emoji));
    actions.close();
  }

  if (picker?.isFull) {
    return h(EmojiPopover, { anchor: picker.anchor, onClose: actions.close, onChoose: (emoji) => choose(picker.message, emoji) });
  }
  if (picker) {
    return h(Popup, { class: "is-emoji", label: t("message.react"), anchor: picker.anchor, onClose: actions.close }, h(QuickReactions, {
      mine: mineOf(picker.message), onChoose: (emoji) => choose(picker.message, emoji),
      onMore: () => { actions.picker.value = { ...picker, isFull: true }; },
    }));
  }
  if (!menu) return null;
  const { row, anchor } = menu;
  return h(Menu, {
    label: t("message.actions"), anchor, onClose: actions.close, items: actions.entries(row),
  }, h(QuickReactions, {
    mine: mineOf(row.message), onChoose: (emoji) => choose(row.message, emoji),
    onMore: () => {
      actions.menu.value = null;
      actions.picker.value = { message: row.message, anchor, isFull: true };
    },
  }));
}
