/** Whether messages can be written to the other person, and what stands in the composer's place if not. */

import { t } from "../../ui/texts.js";
import { html, signal, useEffect, useRef, useState } from "../../ui/view.js";

/** @typedef {"open" | "blocked" | "closed"} WriteState  `blocked`: by me; `closed`: by the other, or for good */

/** Rises when I block or unblock a user elsewhere on the page: no event reveals a block. */
export const blockChanges = signal(0);

/**
 * @param {import("../conversation/model.js").Conversation} conversation
 * @param {number | undefined} userId  the other person of a direct chat
 * @returns {[WriteState, () => Promise<void>]} and what reads it again
 */
export function useWriteState(conversation, userId) {
  const [state, setState] = useState(/** @type {WriteState} */ ("open"));
  const { client, store, chatId } = conversation;

  const reads = useRef(0);

  async function read() {
    if (!userId) return;
    reads.current += 1;
    const number = reads.current;
    const status = await store.attempt(client.blockStatus(userId));
    // An answer may arrive after that of a later read.
    if (status && number === reads.current) setState(status.is_blocked ? "blocked" : status.can_send_message ? "open" : "closed");
  }

  useEffect(() => {
    void read();
    // A refusal may be the first sign of a block: no event reveals it.
    return client.on("refused", ({ chatId: refused }) => {
      if (refused === chatId) void read();
    });
  }, [chatId, userId, blockChanges.value]);
  // A message that arrives, or goes out at last, may be the end of it.
  const messages = store.revision(chatId, "messages").value;
  useEffect(() => {
    if (state !== "open") void read();
  }, [messages]);
  return [state, read];
}

/**
 * @param {{ conversation: import("../conversation/model.js").Conversation, state: WriteState, userId: number, onChange: () => Promise<void> }} props
 */
export function BlockedNotice({ conversation, state, userId, onChange }) {
  const { client, store } = conversation;
  const name = conversation.nameOf(userId);
  useEffect(() => { conversation.wasClosed = true; }, [conversation]);
  async function unblock() {
    await store.attempt(client.unblock(userId));
    await onChange();
  }
  return html`
    <div class="composer-notice" data-testid="composer-blocked">
      <span>${t(state === "blocked" ? "composer.you_blocked" : "composer.cannot_write", { name })}</span>
      ${state === "blocked" && html`<button type="button" class="button" onClick=${() => void unblock()}>${t("composer.unblock")}</button>`}
    </div>`;
}
