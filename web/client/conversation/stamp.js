/** When a message was sent, whether it was edited, and how far it has come. */

import { formatTime } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html } from "../../ui/view.js";

/** @typedef {"refused" | import("../../sdk/types.js").MessageState | null} Tick  null on messages of others */

/** @type {Record<Exclude<Tick, null>, { icon: import("../../ui/icons.js").IconName, label: import("../../ui/texts.js").Key }>} */
const TICKS = {
  sending: { icon: "clock", label: "message.sending" },
  refused: { icon: "alert", label: "message.refused" },
  sent: { icon: "check", label: "message.sent" },
  delivered: { icon: "checks", label: "message.delivered" },
  read: { icon: "checks", label: "message.read" },
};

/**
 * @param {{ at: string, tick: Tick, isEdited: boolean, isStarred: boolean, isPinned: boolean }} props
 */
export function Stamp({ at, tick, isEdited, isStarred, isPinned }) {
  return html`
    <span class="stamp">
      ${isPinned && html`<span class="stamp-mark" title=${t("message.pinned")}>${h(Icon, { name: "pin", size: 12 })}<span class="visually-hidden">${t("message.pinned")}</span></span>`}
      ${isStarred && html`<span class="stamp-mark" title=${t("message.starred")}>${h(Icon, { name: "star", size: 12 })}<span class="visually-hidden">${t("message.starred")}</span></span>`}
      ${isEdited && html`<span class="stamp-edited">${t("message.edited")}</span>`}
      <time dateTime=${at}>${formatTime(at)}</time>
      ${tick && html`
        <span class=${`tick tick-${tick}`} data-tick=${tick} role="img" aria-label=${`${t("message.you")}, ${t(TICKS[tick].label)}`} title=${t(TICKS[tick].label)}>${h(Icon, { name: TICKS[tick].icon, size: 15 })}</span>`}
    </span>`;
}
