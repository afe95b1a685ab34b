/** Keys that work wherever the focus is. */

import { useEffect } from "../ui/view.js";

const PANES = ["chats", "main", "details"];

/** What takes the focus when a pane is entered, in order of preference. */
const ENTRIES = "[data-pane-entry], textarea, a[href]:not([tabindex='-1']), button:not([tabindex='-1'])";

/**
 * Move the focus to the next pane that is shown.
 *
 * @param {1 | -1} step
 */
export function movePaneFocus(step) {
  const panes = PANES.map((name) => document.querySelector(`[data-pane-name="${name}"]`))
    .filter((pane) => pane instanceof HTMLElement && pane.checkVisibility());
  const current = panes.findIndex((pane) => pane?.contains(document.activeElement));
  const next = panes[(current + step + panes.length) % panes.length];
  const entry = next?.querySelector(ENTRIES);
  if (entry instanceof HTMLElement) entry.focus();
}

/**
 * The chat to go to from the open one, in the order of the list.
 *
 * @param {import("./store.js").Store} store
 * @param {1 | -1} step
 * @returns {number | undefined} the next unread one; the next one if none is unread
 */
function neighbour(store, step) {
  const ids = store.lists.active.value;
  const start = store.selected.value === null ? (step > 0 ? -1 : ids.length) : ids.indexOf(store.selected.value);
  const ahead = step > 0 ? ids.slice(start + 1) : ids.slice(0, Math.max(0, start)).reverse();
  const isUnread = (/** @type {number} */ id) => {
    const chat = store.chat(id).peek();
    return chat !== undefined && (chat.unread_count > 0 || chat.is_marked_unread);
  };
  return ahead.find(isUnread) ?? ahead[0];
}

/** @param {import("./store.js").Store} store */
export function useShortcuts(store) {
  useEffect(() => {
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
      if (event.defaultPrevented || event.isComposing || store.screen.dialogs.value.length) return;
      const { key } = event;
      if (key === "F6") movePaneFocus(event.shiftKey ? -1 : 1);
      else if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") focusSearch(store);
      else if (event.altKey && !event.ctrlKey && !event.metaKey && (key === "ArrowDown" || key === "ArrowUp")) {
        const chatId = neighbour(store, key === "ArrowDown" ? 1 : -1);
        if (chatId !== undefined) store.select(chatId);
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [store]);
}

/** @param {import("./store.js").Store} store */
function focusSearch(store) {
  // On a phone, the list is not there while a chat is open.
  if (store.screen.isPhone.value && store.router.route.value.name !== "list") store.router.go({ name: "list" });
  requestAnimationFrame(() => {
    const field = document.querySelector("[data-testid='chat-search']");
    if (field instanceof HTMLInputElement) {
      field.focus();
      field.select();
    }
  });
}
