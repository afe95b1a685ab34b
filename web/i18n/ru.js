/** Texts in Russian. */

import { texts as assistant } from "./ru/assistant.js";
import { texts as chats } from "./ru/chats.js";
import { texts as composer } from "./ru/composer.js";
import { texts as conversation } from "./ru/conversation.js";
import { texts as details } from "./ru/details.js";
import { texts as emoji } from "./ru/emoji.js";
import { texts as login } from "./ru/login.js";
import { texts as message } from "./ru/message.js";
import { texts as settings } from "./ru/settings.js";
import { texts as shell } from "./ru/shell.js";
import { texts as system } from "./ru/system.js";
import { texts as ui } from "./ru/ui.js";

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
