/** Where the visitor writes. Enter sends, Shift+Enter begins a line. */

import { h, html, useEffect, useLayoutEffect, useRef, useState } from "../view.js";
import { Icon } from "../icon.js";
import { t } from "../texts.js";

/** The server's bound, in characters. */
const MAX_LENGTH = 10_000;
/** Lines beyond this height scroll, in pixels. */
const MAX_HEIGHT = 140;

/** Characters as the server counts them. @param {string} text */
function lengthOf(text) {
  return text.length <= MAX_LENGTH ? text.length : [...text].length;
}

/**
 * Files that are sent with the text.
 *
 * @typedef {object} ComposerFiles
 * @property {import("../view.js").View} tiles
 * @property {import("../view.js").View} button
 * @property {number} count  that can be sent
 * @property {boolean} isReady  none is on its way, none has failed
 * @property {(files: File[]) => void} onPaste
 */

/**
 * @param {object} props
 * @param {(text: string) => void} props.onSend
 * @param {() => void} [props.onKeystroke]
 * @param {() => void} [props.onStop]  there is an answer on its way that can be stopped
 * @param {string} props.placeholder
 * @param {boolean} [props.disabled]
 * @param {ComposerFiles} [props.files]
 */
export function Composer({ onSend, onKeystroke, onStop, placeholder, disabled = false, files }) {
  const [text, setText] = useState("");
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const over = lengthOf(text.trim()) - MAX_LENGTH;
  const hasContent = text.trim() !== "" || Boolean(files?.count);
  const canSend = hasContent && over <= 0 && !disabled && files?.isReady !== false;

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, MAX_HEIGHT)}px`;
  }, [text]);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);

  const send = () => {
    if (!canSend) return;
    onSend(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    // While an input method composes, Enter accepts its suggestion; 229 is what Safari sends then.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  const onPaste = (/** @type {ClipboardEvent} */ event) => {
    const pasted = [...event.clipboardData?.files ?? []];
    if (!files || !pasted.length) return;
    event.preventDefault();
    files.onPaste(pasted);
  };
  const isStopping = onStop !== undefined && text.trim() === "";
  return html`
    <form class="ask" part="composer" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); send(); }}>
      ${over > 0 && html`<p class="ask-over" role="alert">${t("assistant.too_long", { count: over })}</p>`}
      ${files?.tiles}
      <div class="ask-field">
        ${files?.button}
        <textarea ref=${field} rows="1" data-testid="message-input" dir="auto" value=${text} placeholder=${placeholder}
          aria-label=${placeholder} aria-invalid=${over > 0} disabled=${disabled} enterkeyhint="send" autocomplete="off"
          onInput=${(/** @type {InputEvent & { currentTarget: HTMLTextAreaElement }} */ event) => {
            setText(event.currentTarget.value);
            onKeystroke?.();
          }} onKeyDown=${onKeyDown} onPaste=${onPaste}></textarea>
        ${isStopping ? html`
          <button type="button" class="ask-send" data-testid="stop-button" title=${t("assistant.stop")}
            aria-label=${t("assistant.stop")} onClick=${onStop}>${h(Icon, { name: "stop", size: 18 })}</button>` : html`
          <button type="submit" class="ask-send" part="send" data-testid="send-button" title=${t("assistant.send")}
            aria-label=${t("assistant.send")} disabled=${!canSend}>${h(Icon, { name: "send" })}</button>`}
      </div>
    </form>`;
}
