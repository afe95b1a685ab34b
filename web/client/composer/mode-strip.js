/** What the composer answers or edits, above its field. */

import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html } from "../../ui/view.js";
import { summarize } from "../conversation/quote.js";

/** @param {{ conversation: import("../conversation/model.js").Conversation }} props */
export function ModeStrip({ conversation }) {
  const mode = conversation.mode.value;
  if (mode.kind === "new") return null;
  const { message } = mode;
  const isOwn = message.sender_id === conversation.store.me;
  const name = isOwn ? t("message.you") : conversation.nameOf(message.sender_id) || message.sender.name;
  const isEdit = mode.kind === "edit";
  return html`
    <div class="mode-strip" data-testid=${`mode-${mode.kind}`}>
      ${h(Icon, { name: isEdit ? "edit" : "reply", size: 18 })}
      <button type="button" class="mode-texts" onClick=${() => void conversation.jump(message.id)}>
        <span class="mode-title">${isEdit ? t("composer.editing") : t("composer.replying", { name })}</span>
        <span class="mode-text" dir="auto">${summarize(message)}</span>
      </button>
      <button type="button" class="icon-button" aria-label=${t(isEdit ? "composer.cancel_edit" : "composer.cancel_reply")} onClick=${() => conversation.writeNew()}>
        ${h(Icon, { name: "close", size: 18 })}
      </button>
    </div>`;
}
