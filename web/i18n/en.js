/** Texts of the client and of the log-in in English. Every language has the same keys. */

import { texts as assistant } from "./en/assistant.js";
import { texts as chats } from "./en/chats.js";
import { texts as composer } from "./en/composer.js";
import { texts as conversation } from "./en/conversation.js";
import { texts as details } from "./en/details.js";
import { texts as emoji } from "./en/emoji.js";
import { texts as login } from "./en/login.js";
import { texts as message } from "./en/message.js";
import { texts as settings } from "./en/settings.js";
import { texts as shell } from "./en/shell.js";
import { texts as system } from "./en/system.js";
import { texts as ui } from "./en/ui.js";

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
