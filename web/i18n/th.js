/** Texts in Thai. */

import { texts as assistant } from "./th/assistant.js";
import { texts as chats } from "./th/chats.js";
import { texts as composer } from "./th/composer.js";
import { texts as conversation } from "./th/conversation.js";
import { texts as details } from "./th/details.js";
import { texts as emoji } from "./th/emoji.js";
import { texts as login } from "./th/login.js";
import { texts as message } from "./th/message.js";
import { texts as settings } from "./th/settings.js";
import { texts as shell } from "./th/shell.js";
import { texts as system } from "./th/system.js";
import { texts as ui } from "./th/ui.js";

/** @type {import("../ui/i18n.js").Catalogue} */
export const texts = {
  ...assistant,
  ...chats,
  ...composer,
  ...conversation,
  ...details,
  ...emoji,
  ...login,
  ...message,
  ...settings,
  ...shell,
  ...system,
  ...ui,
};
