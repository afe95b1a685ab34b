/** A modal dialog. The browser keeps the focus inside, and what is behind out of reach; Escape closes it. */

import { Icon } from "./icons.js";
import { t } from "./texts.js";
import { h, html, useId, useLayoutEffect, useRef } from "./view.js";

/**
 * @param {{
 *   title: string, onClose: () => void, children?: import("./view.js").Children, actions?: import("./view.js").Children,
 *   class?: string, isAlert?: boolean, testId?: string,
 * }} props  `actions`: the buttons at its end; `isAlert`: it must be answered by one of them, so that a press beside it or
 *   Escape do not close it, and it has no closing button
 */
export function Dialog({ title, onClose, children, actions, class: className = "", isAlert = false, testId }) {
  const titleId = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const refuse = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!isAlert) onClose();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    // Chromium closes a dialog on the second Escape even when the first was prevented.
    if (event.key === "Escape") refuse(event);
    event.stopPropagation();
  };
  const onPointerDown = (/** @type {PointerEvent} */ event) => {
    if (event.target === dialog.current && !isAlert) onClose();
  };
  return html`
    <dialog ref=${dialog} class=${`dialog ${className}`} role=${isAlert ? "alertdialog" : "dialog"} aria-labelledby=${titleId}
      data-testid=${testId} onCancel=${refuse} onKeyDown=${onKeyDown} onPointerDown=${onPointerDown}>
      <div class="dialog-frame">
        <header class="dialog-head">
          <h2 id=${titleId} class="dialog-title">${title}</h2>
          ${!isAlert && html`
            <button type="button" class="icon-button" aria-label=${t("ui.close")} onClick=${onClose}>${h(Icon, { name: "close" })}</button>`}
        </header>
        <div class="dialog-body">${children}</div>
        ${actions && html`<footer class="dialog-actions">${actions}</footer>`}
      </div>
    </dialog>`;
}

/**
 * A question with two answers.
 *
 * @param {{
 *   title: string, text: string, confirm: string, onConfirm: () => void, onClose: () => void, isDangerous?: boolean,
 * }} props  `confirm`: the label of the button that does it
 */
export function Confirmation({ title, text, confirm, onConfirm, onClose, isDangerous = false }) {
  const accept = () => {
    onClose();
    onConfirm();
  };
  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="button" class=${`button ${isDangerous ? "is-danger" : "is-primary"}`} data-testid="confirm" onClick=${accept}>${confirm}</button>`;
  return h(Dialog, { title, onClose, actions, class: "is-small", testId: "confirmation" }, html`<p>${text}</p>`);
}
