/** Arrows, Home and End move the focus between the rows of a list; Enter opens, the menu key opens the menu. */

/** @param {KeyboardEvent} event  of the element that holds the rows */
export function moveRowFocus(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const holder = /** @type {HTMLElement} */ (event.currentTarget);
  const rows = /** @type {HTMLElement[]} */ ([...holder.querySelectorAll("[data-chat-id]")]);
  const current = rows.findIndex((row) => row === document.activeElement);
  if (current < 0 || !rows.length) return;
  const steps = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: rows.length - 1 };
  const next = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (next === undefined) return;
  event.preventDefault();
  rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus();
}
