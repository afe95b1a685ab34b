/** The composer of a conversation: field, files, emoji, voice, location. */

import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useId, useRef, useState } from "../../ui/view.js";
import { formatNumber } from "../../ui/format.js";
import { BlockedNotice, useWriteState } from "./blocked.js";
import { AttachMenu } from "./attach-menu.js";
import { EmojiButton } from "./emoji-button.js";
import { TextField } from "./field.js";
import { MentionOffer, useMembers } from "./mention-offer.js";
import { completeMention, findPartial, offerMembers } from "./mentions.js";
import { Composer, TEXT_LIMIT } from "./model.js";
import { ModeStrip } from "./mode-strip.js";
import { addFiles } from "./refusals.js";
import { UploadTiles } from "./upload-tiles.js";

/** From here the number of characters is shown. */
const COUNTED_FROM = TEXT_LIMIT - 500;

/** @typedef {import("../conversation/model.js").Conversation} Conversation */

/** The recorder is loaded when it is first used. @typedef {typeof import("../lazy/recorder.js").Recorder} RecorderView */

/**
 * The composer's text, kept in step with the conversation.
 *
 * @param {Conversation} conversation
 */
function useComposer(conversation) {
  const [composer] = useState(() => new Composer(conversation));
  const chat = conversation.store.chat(conversation.chatId).value;
  useEffect(() => {
    void composer.readDraft();
    return () => composer[Symbol.dispose]();
  }, [composer]);
  useEffect(() => composer.takeDraft(chat?.draft ?? ""), [composer, chat?.draft]);
  const mode = conversation.mode.value;
  useEffect(() => composer.followMode(), [composer, mode]);
  const dropped = conversation.dropped.value;
  useEffect(() => {
    if (!dropped.length) return;
    conversation.dropped.value = [];
    addFiles(conversation.store, composer.uploads, dropped);
  }, [composer, dropped]);
  return composer;
}

/** @param {{ conversation: Conversation }} props */
export function ComposerPane({ conversation }) {
  const { store, chatId } = conversation;
  const chat = store.chat(chatId).value;
  const userId = chat?.kind === "group" ? undefined : chat?.other_user?.id;
  const [state, readState] = useWriteState(conversation, userId);
  if (userId && state !== "open") {
    return html`<footer class="composer-pane">${h(BlockedNotice, { conversation, state, userId, onChange: readState })}</footer>`;
  }
  return html`<footer class="composer-pane">${h(OpenComposer, { conversation, isGroup: chat?.kind === "group" })}</footer>`;
}

/** @param {{ conversation: Conversation, isGroup: boolean }} props */
function OpenComposer({ conversation, isGroup }) {
  const { store } = conversation;
  const composer = useComposer(conversation);
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [recorder, setRecorder] = useState(/** @type {{ View: RecorderView } | null} */ (null));
  const [partial, setPartial] = useState(/** @type {{ query: string, start: number } | null} */ (null));
  const [active, setActive] = useState(0);
  const offerId = useId();
  const members = useMembers(conversation, isGroup && partial !== null);
  const offered = isGroup && partial ? offerMembers(members, partial.query, store.me) : [];
  const text = composer.text.value;
  const isEdit = conversation.mode.value.kind === "edit";
  const isCoarse = matchMedia("(pointer: coarse)").matches;

  useEffect(() => {
    conversation.focusComposer = () => field.current?.focus();
    // After unblocking in the details, the focus stays there.
    const isElsewhere = conversation.wasClosed && document.activeElement !== document.body;
    if (!isCoarse && !isElsewhere) field.current?.focus({ preventScroll: true });
  }, [conversation]);

  /** @param {string} typed @param {number} caret */
  function type(typed, caret) {
    composer.type(typed);
    // The kind of the chat may be known only later.
    setPartial(findPartial(typed, caret));
    setActive(0);
  }

  /** @param {import("./mentions.js").Person} person */
  function mention(person) {
    if (!partial) return;
    const completed = completeMention(composer.text.peek(), partial, person.name);
    composer.addMention(person);
    composer.type(completed.text);
    setPartial(null);
    // The value is in the field only after the rendering.
    requestAnimationFrame(() => field.current?.setSelectionRange(completed.caret, completed.caret));
  }

  function send() {
    if (composer.send()) field.current?.focus();
  }

  /** @param {string} emoji */
  function insert(emoji) {
    const element = field.current;
    const from = element?.selectionStart ?? text.length;
    composer.type(text.slice(0, from) + emoji + text.slice(element?.selectionEnd ?? from));
    requestAnimationFrame(() => element?.setSelectionRange(from + emoji.length, from + emoji.length));
  }

  /** @param {KeyboardEvent} event */
  function handleKey(event) {
    const person = offered[active];
    if (offered.length && person) {
      const moves = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in moves) setActive((active + moves[/** @type {"ArrowDown"} */ (event.key)] + offered.length) % offered.length);
      else if (event.key === "Enter" || event.key === "Tab") mention(person);
      else if (event.key === "Escape") setPartial(null);
      else return;
      event.preventDefault();
    } else if (event.key === "ArrowUp" && !composer.text.peek() && conversation.editLast()) event.preventDefault();
    else if (event.key === "Escape" && conversation.mode.peek().kind !== "new") {
      conversation.writeNew();
      event.preventDefault();
      // Esc would otherwise close the conversation.
      event.stopPropagation();
    }
  }

  /** @param {ClipboardEvent} event @param {string} pasted */
  function pasteText(event, pasted) {
    if (composer.text.peek().length + pasted.length <= TEXT_LIMIT) return;
    event.preventDefault();
    store.screen.showToast(t("composer.paste_too_long", { limit: formatNumber(TEXT_LIMIT), length: formatNumber(pasted.length) }), { tone: "error" });
  }

  async function record() {
    const loaded = await store.loadPart(import("../lazy/recorder.js"));
    if (loaded) setRecorder({ View: loaded.Recorder });
  }

  if (recorder) {
    return h(recorder.View, {
      store, onCancel: () => setRecorder(null),
      onSend: async (blob, name) => {
        const isStored = await composer.sendVoice(blob, name);
        if (isStored) setRecorder(null);
        return isStored;
      },
    });
  }
  const hasContent = text.trim() !== "" || composer.uploads.tiles.value.length > 0 || isEdit;
  return html`
    <div class="composer" data-testid="composer">
      ${h(ModeStrip, { conversation })}
      ${h(UploadTiles, { uploads: composer.uploads })}
      ${offered.length > 0 && h(MentionOffer, { id: offerId, people: offered, active, onChoose: mention })}
      <div class="composer-row">
        ${h(AttachMenu, { store, isDisabled: isEdit, onFiles: (files) => addFiles(store, composer.uploads, files), onLocation: (place) => composer.sendLocation(place) })}
        ${h(TextField, {
          text, isCoarse, label: t("composer.placeholder"), activeOption: offered.length ? `${offerId}-${active}` : undefined,
          onText: type, onSend: send, onKey: handleKey, onPasteText: pasteText,
          onFiles: (files) => addFiles(store, composer.uploads, files), fieldRef: (element) => { field.current = element; },
        })}
        ${text.length > COUNTED_FROM && html`
          <span class=${text.length > TEXT_LIMIT ? "composer-count is-over" : "composer-count"} role="status">${formatNumber(TEXT_LIMIT - text.length)}</span>`}
        ${h(EmojiButton, { onChoose: insert })}
        ${hasContent
          ? html`
            <button type="button" class="send-button" data-testid="send-button" disabled=${!composer.canSend} onClick=${send}
              aria-label=${t(isEdit ? "composer.save" : "composer.send")} title=${t(isEdit ? "composer.save" : "composer.send")}>
              ${h(Icon, { name: isEdit ? "check" : "send" })}
            </button>`
          : html`
            <button type="button" class="icon-button" data-testid="record-button" aria-label=${t("composer.record")} title=${t("composer.record")}
              onClick=${() => void record()}>${h(Icon, { name: "mic" })}</button>`}
      </div>
    </div>`;
}
