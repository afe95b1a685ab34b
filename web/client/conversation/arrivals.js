/** Says new messages of others to people who use a screen reader. */

import { announce } from "../../ui/announcer.js";
import { t } from "../../ui/texts.js";
import { useEffect, useRef } from "../../ui/view.js";
import { summarize } from "./quote.js";

/** A long message is read in the list. */
const SPOKEN = 200;

/** @param {{ conversation: import("./model.js").Conversation }} props */
export function Arrivals({ conversation }) {
  const { client, chatId, store } = conversation;
  const last = useRef(/** @type {number | null} */ (null));
  useEffect(() => client.on("new_message", ({ chat_id: id, message }) => {
    if (id !== chatId || message.sender_id === store.me || message.message_type === "system") return;
    // A frame can come twice.
    if (last.current !== null && message.id <= last.current) return;
    last.current = message.id;
    announce(t("conversation.says", { name: message.sender?.name ?? "", text: summarize(message).slice(0, SPOKEN) }));
  }), [client, chatId]);
  return null;
}
