/** The emoji picker, as in the composer. `chosen` is what the tests read. */

import { EmojiPicker } from "/client/lazy/emoji.js";
import { switchLanguage } from "/ui/i18n.js";
import { h, render } from "/ui/view.js";

globalThis.chosen = [];
const app = document.getElementById("app");
Object.assign(app.style, { maxWidth: "364px", padding: "12px", background: "var(--chat-surface-raised)" });
await switchLanguage(new URLSearchParams(location.search).get("language") ?? "en");
render(h(EmojiPicker, { onChoose: (emoji) => globalThis.chosen.push(emoji) }), app);
