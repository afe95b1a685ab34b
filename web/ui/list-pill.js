/** The button that goes to the end of a list, with the number of new rows there. */

import { Icon } from "./icon.js";
import { formatNumber } from "./format.js";
import { h, html } from "./view.js";

/** @param {{ unseen: number, label: string, onClick: () => void }} props */
export function ListPill({ unseen, label, onClick }) {
  return html`
    <button type="button" class="list-pill" aria-label=${label} title=${label} onClick=${onClick} data-testid="to-newest">
      ${h(Icon, { name: "down" })}
      ${unseen > 0 && html`<span aria-hidden="true">${formatNumber(unseen)}</span>`}
    </button>`;
}
