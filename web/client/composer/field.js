/** The field that messages are written in. It grows with its text. */

import { html, useLayoutEffect, useRef } from "../../ui/view.js";

/** Lines beyond these are scrolled. In pixels. */
const TALLEST = 200;

/**
 * @param {{
 *   text: string,
 *   label: string,
 *   isCoarse: boolean,
 *   describedBy?: string,
 *   activeOption?: string,
 *   onText: (text: string, caret: number) => void,
 *   onSend: () => void,
 *   onKey: (event: KeyboardEvent, field: HTMLTextAreaElement) => void,
 *   onFiles: (files: File[]) => void,
 *   onPasteText: (event: ClipboardEvent, text: string) => void,
 *   fieldRef: (field: HTMLTextAreaElement | null) => void,
 * }} props  isCoarse: on a touch screen Enter begins a line. onKey: handles a key first, and prevents its default
 */
export function TextField({ text, label, isCoarse, describedBy, activeOption, onText, onSend, onKey, onFiles, onPasteText, fieldRef }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(TALLEST, element.scrollHeight)}px`;
    element.style.overflowY = element.scrollHeight > TALLEST ? "auto" : "hidden";
  }, [text]);

  /** @param {KeyboardEvent} event */
  function handleKey(event) {
    // While an input method composes, Enter chooses what it offers.
    if (event.isComposing || event.keyCode === 229 || !field.current) return;
    onKey(event, field.current);
    if (event.defaultPrevented || event.key !== "Enter" || event.shiftKey || event.altKey) return;
    if (isCoarse && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    onSend();
  }

  /** @param {ClipboardEvent} event */
  function handlePaste(event) {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length) {
      event.preventDefault();
      onFiles(files);
      return;
    }
    onPasteText(event, event.clipboardData?.getData("text/plain") ?? "");
  }

  return html`
    <textarea class="composer-field" rows="1" dir="auto" data-testid="message-input" autocomplete="off" enterkeyhint=${isCoarse ? "enter" : "send"}
      aria-label=${label} placeholder=${label} aria-describedby=${describedBy} aria-activedescendant=${activeOption}
      aria-autocomplete=${activeOption ? "list" : null} value=${text}
      ref=${(/** @type {HTMLTextAreaElement | null} */ element) => { field.current = element; fieldRef(element); }}
      onInput=${(/** @type {InputEvent} */ event) => {
        const element = /** @type {HTMLTextAreaElement} */ (event.currentTarget);
        onText(element.value, element.selectionStart);
      }}
      onKeyDown=${handleKey} onPaste=${handlePaste}></textarea>`;
}
