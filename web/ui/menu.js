/** A menu: at a point or below a button on a wide screen, a sheet from below on a phone. */

import { Icon } from "./icons.js";
import { usePopover, whenClosed } from "./popup.js";
import { h, html } from "./view.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {import("./icons.js").IconName} [icon]
 * @property {() => void} run  called after the menu has closed
 * @property {boolean} [isDangerous]
 * @property {boolean} [isChecked]  makes it one of several choices: true for the present one
 * @property {string} [testId]
 */

/** @typedef {MenuItem | "line"} MenuEntry  "line" separates groups */
/** @typedef {import("./popup.js").Anchor} MenuAnchor */

/**
 * @param {{ label: string, items: readonly MenuEntry[], anchor: MenuAnchor, onClose: () => void, children?: import("./view.js").Children }} props
 *   `label` names the menu for screen readers; children stand above the items
 */
export function Menu({ label, items, anchor, onClose, children }) {
  const menu = usePopover(anchor, (element) => buttonsOf(element)[0]?.focus());

  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (!moveFocus(menu.current, event.key)) return;
    event.preventDefault();
  };
  return html`
    <div ref=${menu} class="menu" popover="auto" role="menu" aria-label=${label} data-testid="menu"
      onKeyDown=${onKeyDown} onToggle=${whenClosed(onClose, anchor)} onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${children}
      ${items.map((item, index) => (item === "line"
        ? html`<div key=${`line ${index}`} class="menu-line" role="separator"></div>`
        : html`
          <button key=${item.label} type="button" tabindex="-1" class=${item.isDangerous ? "menu-item is-danger" : "menu-item"}
            role=${item.isChecked === undefined ? "menuitem" : "menuitemradio"} aria-checked=${item.isChecked}
            data-testid=${item.testId} onClick=${() => { onClose(); item.run(); }}>
            ${item.icon && h(Icon, { name: item.icon })}
            <span class="menu-label">${item.label}</span>
            ${item.isChecked && h(Icon, { name: "check", size: 18 })}
          </button>`))}
    </div>`;
}

/** @param {HTMLElement | null} menu */
const buttonsOf = (menu) => /** @type {HTMLElement[]} */ ([...(menu?.querySelectorAll("[role^='menuitem']") ?? [])]);

/**
 * @param {HTMLElement | null} menu
 * @param {string} key  an arrow, Home, End, or a letter: the next item that begins with it
 * @returns {boolean} whether the key has a meaning here
 */
function moveFocus(menu, key) {
  const buttons = buttonsOf(menu);
  const current = buttons.findIndex((button) => button === document.activeElement);
  const size = buttons.length;
  /** @type {number} */
  let next;
  if (key === "ArrowDown") next = (current + 1) % size;
  else if (key === "ArrowUp") next = (Math.max(0, current) - 1 + size) % size;
  else if (key === "Home") next = 0;
  else if (key === "End") next = size - 1;
  else if ([...key].length === 1 && key !== " ") {
    const order = buttons.map((_, step) => (current + 1 + step) % size);
    const letter = key.toLocaleLowerCase();
    next = order.find((index) => buttons[index]?.textContent?.trim().toLocaleLowerCase().startsWith(letter)) ?? -1;
  } else return false;
  buttons[next]?.focus();
  return true;
}
