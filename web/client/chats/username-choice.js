/** People of a group that are named by their usernames, since there is no chat with them. */

import { Icon } from "../../ui/icons.js";
import { t } from "../../ui/texts.js";
import { h, html } from "../../ui/view.js";

/**
 * @param {readonly (number | string)[]} chosen
 * @param {number | string} user
 */
export function toggled(chosen, user) {
  return chosen.includes(user) ? chosen.filter((other) => other !== user) : [...chosen, user];
}

/**
 * Those that were chosen, and the one that is being typed.
 *
 * @param {{ name: string, chosen: readonly (number | string)[], onToggle: (username: string) => void }} props
 */
export function UsernameChoice({ name, chosen, onToggle }) {
  const names = /** @type {string[]} */ (chosen.filter((user) => typeof user === "string"));
  const isNew = name !== "" && !names.includes(name);
  if (!names.length && !isNew) return null;
  return html`
    <ul class="people" aria-label=${t("chats.username")}>
      ${names.map((username) => html`
        <li key=${username}>
          <button type="button" class="menu-item" aria-pressed="true" onClick=${() => onToggle(username)}>
            <span class="round-icon">${h(Icon, { name: "person" })}</span>
            <span class="menu-label" dir="auto">${username}</span>${h(Icon, { name: "check" })}
          </button>
        </li>`)}
      ${isNew && html`
        <li key="new">
          <button type="button" class="menu-item" data-testid="add-by-username" onClick=${() => onToggle(name)}>
            <span class="round-icon">${h(Icon, { name: "plus" })}</span>
            <span class="menu-label" dir="auto">${t("chats.add_by_username", { name })}</span>
          </button>
        </li>`}
    </ul>`;
}
