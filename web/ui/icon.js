/**
 * One icon as strokes of 1.6 px on a grid of 20 × 20, in the colour of the text. It is decoration: the button or text that
 * carries it has the name. Pages provide the icons that they show: the client all of them (`icons.js`), the widget the few below.
 */

import { html } from "./view.js";

/** Those of the conversation with the assistant, which the widget shows too. Each is one path; `M` starts a new stroke. */
export const CONVERSATION_ICONS = {
  send: "M4 10h12M10.8 4.8 16 10l-5.2 5.2",
  stop: "M5.5 5.5h9v9h-9z",
  sparkle: "M9 4c.5 4 1.7 5.3 5.5 6-3.8.7-5 2-5.5 6-.5-4-1.7-5.3-5.5-6C7.3 9.3 8.5 8 9 4M15.5 2.8v3M14 4.3h3",
  person: "M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  compose: "M10.5 4H5.2A1.7 1.7 0 0 0 3.5 5.7v9.1a1.7 1.7 0 0 0 1.7 1.7h9.1a1.7 1.7 0 0 0 1.7-1.7V9.5M8 12l.6-2.6 6.5-6.5a1.4 1.4 0 0 1 2 2L10.6 11.4z",
  close: "M5 5l10 10M15 5 5 15",
  tag: "M3.5 4.5v5.2l7.3 7.3 5.7-5.7L9.2 4H4zM7 7.5v.01",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 6.2V10l2.6 1.8",
  check: "M4.5 10.5l3.7 3.7 7.3-8",
  checks: "M1.8 10.8l3.4 3.4 6.6-7.6M8.6 13.2l1 1 7-7.6",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.3v-3.8h-9v9h3.8",
  "thumb-up": "M3.5 9h2.7v7.5H3.5zM6.2 9.2 9.4 3a1.9 1.9 0 0 1 1.8 2.4L10.6 8h4.6a1.4 1.4 0 0 1 1.4 1.7l-1 5.3a1.9 1.9 0 0 1-1.9 1.5H6.4",
  "thumb-down": "M3.5 3.5h2.7V11H3.5zM6.2 10.8 9.4 17a1.9 1.9 0 0 0 1.8-2.4l-.6-2.6h4.6a1.4 1.4 0 0 0 1.4-1.7l-1-5.3a1.9 1.9 0 0 0-1.9-1.5H6.4",
  retry: "M15.8 8.2A6.2 6.2 0 1 0 16 12M16.2 4v4.3H12",
  chat: "M5 4h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9.5L6 17v-3H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2",
};

/** @type {Record<string, string>} */
let paths = CONVERSATION_ICONS;

/** Have further icons. @param {Record<string, string>} more */
export function addIcons(more) {
  paths = { ...paths, ...more };
}

/**
 * @param {{ name: import("./icons.js").IconName, size?: number, class?: string }} props  size in pixels
 */
export function Icon({ name, size = 20, class: className }) {
  return html`
    <svg class=${className ? `icon ${className}` : "icon"} width=${size} height=${size} viewBox="0 0 20 20" fill="none"
      stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"
      aria-hidden="true" focusable="false"><path d=${paths[name]} /></svg>`;
}
