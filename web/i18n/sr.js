/** Texts in Serbian, in Latin letters. */

import { texts as assistant } from "./sr/assistant.js";
import { texts as chats } from "./sr/chats.js";
import { texts as composer } from "./sr/composer.js";
import { texts as conversation } from "./sr/conversation.js";
import { texts as details } from "./sr/details.js";
import { texts as emoji } from "./sr/emoji.js";
import { texts as login } from "./sr/login.js";
import { texts as message } from "./sr/message.js";
import { texts as settings } from "./sr/settings.js";
import { texts as shell } from "./sr/shell.js";
import { texts as system } from "./sr/system.js";
import { texts as ui } from "./sr/ui.js";

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
