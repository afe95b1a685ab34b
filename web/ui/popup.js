/** What floats above the page until the person presses elsewhere or Escape: menus, the bell's list, pickers. */

import { html, useLayoutEffect, useRef } from "./view.js";

/** @typedef {{ x: number, y: number } | HTMLElement} Anchor  in CSS pixels of the viewport, or what the popup belongs to */

/** Room between a popup and the edges of the screen, in CSS pixels. */
const MARGIN = 8;

/**
 * Show an element with the attribute `popover` while its component is there; afterwards the focus is where it was.
 *
 * @param {Anchor} anchor
 * @param {(element: HTMLElement) => void} [onShown]  such as moves the focus into it
 */
export function usePopover(anchor, onShown) {
  const popup = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const element = popup.current;
    if (!element) return undefined;
    const before = document.activeElement;
    element.showPopover();
    place(element, anchor);
    onShown?.(element);
    return () => {
      const hadFocus = element.contains(document.activeElement) || document.activeElement === document.body;
      if (element.matches(":popover-open")) element.hidePopover();
      if (hadFocus && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return popup;
}

/**
 * A listener of `toggle`, for a popup that the browser closed.
 *
 * @param {() => void} onClose
 * @param {Anchor} anchor
 */
export const whenClosed = (onClose, anchor) => (/** @type {ToggleEvent} */ event) => {
  // The event comes late: by then, another popup may have taken its place.
  if (event.newState !== "closed" || !(event.target instanceof Node) || !event.target.isConnected) return;
  // A press of its own button closes it by the click that follows; closed now, that click would open it again.
  if (anchor instanceof HTMLElement && anchor.matches(":active")) return;
  onClose();
};

/**
 * A small window that belongs to a button.
 *
 * @param {{
 *   label: string, anchor: Anchor, onClose: () => void, children?: import("./view.js").Children, class?: string, testId?: string,
 * }} props
 */
export function Popup({ label, anchor, onClose, children, class: className = "", testId }) {
  const popup = usePopover(anchor, (element) => element.focus());
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    onClose();
  };
  return html`
    <div ref=${popup} class=${`popup ${className}`} popover="auto" role="dialog" aria-label=${label} tabindex="-1" data-testid=${testId}
      onKeyDown=${onKeyDown} onToggle=${whenClosed(onClose, anchor)}>${children}</div>`;
}

/**
 * Put a popup where it fits: beside its anchor, else on the other side of it. Phones place it by CSS alone.
 *
 * @param {HTMLElement} popup
 * @param {Anchor} anchor
 */
function place(popup, anchor) {
  const { width, height } = popup.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const box = anchor instanceof HTMLElement ? anchor.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  const gap = anchor instanceof HTMLElement ? 4 : 0;
  const below = box.bottom + gap;
  const top = below + height + MARGIN <= clientHeight ? below : Math.max(MARGIN, box.top - gap - height);
  const fitsRight = box.left + width + MARGIN <= clientWidth;
  const left = fitsRight ? box.left : Math.max(MARGIN, box.right - width);
  popup.style.setProperty("--popup-top", `${Math.max(MARGIN, Math.min(top, clientHeight - height - MARGIN))}px`);
  popup.style.setProperty("--popup-left", `${left}px`);
}
