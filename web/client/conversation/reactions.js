/** Reactions below a message, and the bar to react with. */

import { formatNumber } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html } from "../../ui/view.js";

/** The first choice of emoji; the picker has all. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/**
 * @param {{
 *   reactions: readonly import("../../sdk/types.js").Reaction[],
 *   nameOf: (userId: number) => string,
 *   onToggle: (emoji: string, mine: boolean) => void,
 *   onAdd: (event: MouseEvent) => void,
 * }} props
 */
export function Reactions({ reactions, nameOf, onToggle, onAdd }) {
  if (!reactions.length) return null;
  return html`
    <div class="reactions" role="group" aria-label=${t("message.reactions")}>
      ${reactions.map(({ emoji, count, mine, user_ids: userIds }) => {
        const names = userIds.map(nameOf).filter(Boolean).join(", ");
        return html`
          <button type="button" key=${emoji} class=${mine ? "reaction is-mine" : "reaction"} aria-pressed=${Boolean(mine)}
            title=${names} aria-label=${t("message.reaction_count", { emoji, count })}
            onClick=${() => onToggle(emoji, Boolean(mine))}>
            <span class="reaction-emoji" aria-hidden="true">${emoji}</span><span aria-hidden="true">${formatNumber(count)}</span>
          </button>`;
      })}
      <button type="button" class="reaction reaction-add" aria-label=${t("message.react")} onClick=${onAdd}>${h(Icon, { name: "react", size: 15 })}</button>
    </div>`;
}

/**
 * @param {{ mine: readonly string[], onChoose: (emoji: string) => void, onMore: () => void }} props
 */
export function QuickReactions({ mine, onChoose, onMore }) {
  return html`
    <div class="quick-reactions" role="group" aria-label=${t("message.react")}>
      ${QUICK_REACTIONS.map((emoji) => html`
        <button type="button" key=${emoji} class="quick-reaction" aria-pressed=${mine.includes(emoji)}
          onClick=${() => onChoose(emoji)}>${emoji}</button>`)}
      <button type="button" class="quick-reaction" aria-label=${t("message.more_emoji")} onClick=${onMore}>${h(Icon, { name: "plus", size: 18 })}</button>
    </div>`;
}
