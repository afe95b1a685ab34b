/** The frame of the panel: head, conversation, places for the host's own content, and the way of the focus. */

import { Fragment, h, html, useEffect, useRef } from "../ui/view.js";
import { Icon } from "../ui/icon.js";
import { language, t } from "./texts.js";

const FOCUSABLE = 'button:not([disabled]), a[href], textarea:not([disabled]), input:not([disabled]), [tabindex="0"]';
/** At this width the panel covers the page. In CSS pixels; `widget.css` has the same number. */
const PHONE = "(max-width: 480px)";

/** @param {HTMLElement} panel */
function focusableIn(panel) {
  const all = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll(FOCUSABLE)]);
  return all.filter((element) => !("edge" in element.dataset) && element.checkVisibility());
}

/** @param {HTMLElement | null} panel */
function focusField(panel) {
  const field = /** @type {HTMLElement | null | undefined} */ (panel?.querySelector("textarea:not([disabled])"));
  (field ?? (panel && focusableIn(panel)[0]))?.focus({ preventScroll: true });
}

/** What stands in the place of a conversation. @param {{ text: import("../ui/texts.js").Key }} props */
export function Notice({ text }) {
  return html`<div class="widget-notice"><p>${t(text)}</p></div>`;
}

/**
 * @param {object} props
 * @param {HTMLElement} props.host
 * @param {import("./panel.js").Conversation} props.conversation
 * @param {boolean} props.isOpen
 * @param {() => void} props.onClose
 */
export function Frame({ host, conversation, isOpen, onClose }) {
  const panel = useRef(/** @type {HTMLElement | null} */ (null));
  const isSeller = host.getAttribute("chat") === "seller";
  const title = host.getAttribute("label") || t(isSeller ? "widget.chat_with_seller" : "assistant.title");
  const subtitle = host.getAttribute("subtitle") || (isSeller ? "" : t("assistant.subtitle"));

  useEffect(() => { if (isOpen) focusField(panel.current); }, [isOpen]);

  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.stopPropagation();
    onClose();
  };
  // The focus goes round within the panel; Escape leaves it.
  const edge = (/** @type {"first" | "last"} */ to) => html`
    <div tabindex="0" data-edge="" class="widget-edge" aria-hidden="true" onFocus=${() => {
      const inside = panel.current ? focusableIn(panel.current) : [];
      (to === "first" ? inside[0] : inside.at(-1))?.focus();
    }}></div>`;
  return html`
    <section class="widget-panel" part="panel" role="dialog" aria-label=${title} lang=${language.value} ref=${panel} hidden=${!isOpen}
      aria-modal=${globalThis.matchMedia(PHONE).matches} data-testid="widget-panel" onKeyDown=${onKeyDown}>
      ${edge("last")}
      <header class="widget-head" part="header">
        <slot name="header">
          <span class="widget-mark">${h(Icon, { name: isSeller ? "chat" : "sparkle" })}</span>
          <span class="widget-titles">
            <strong class="widget-title" dir="auto">${title}</strong>
            ${subtitle && html`<span class="widget-subtitle" dir="auto">${subtitle}</span>`}
          </span>
        </slot>
        ${conversation.actions}
        <button type="button" class="icon-button" aria-label=${t("widget.close")} title=${t("widget.close")}
          data-testid="widget-close" onClick=${onClose}>${h(Icon, { name: "close" })}</button>
      </header>
      ${html`<${Fragment} key=${language.value}>${conversation.view}<//>`}
      <slot name="footer"></slot>
      ${edge("first")}
    </section>`;
}
