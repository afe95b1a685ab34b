/** The texts of the moderators' page. The client does not need them, so it does not load them. */

import { texts as admin } from "../i18n/en/admin.js";
import { texts as ui } from "../i18n/en/ui.js";
import "../ui/live-language.js";
import { provideTexts } from "../ui/texts.js";

/** @param {Promise<{ texts: import("../ui/texts.js").SomeTexts }>[]} modules */
async function merged(...modules) {
  return { texts: Object.assign({}, ...(await Promise.all(modules)).map(({ texts }) => texts)) };
}

provideTexts({ ...admin, ...ui }, {
  ru: () => merged(import("../i18n/ru/admin.js"), import("../i18n/ru/ui.js")),
  sr: () => merged(import("../i18n/sr/admin.js"), import("../i18n/sr/ui.js")),
  th: () => merged(import("../i18n/th/admin.js"), import("../i18n/th/ui.js")),
});

export { chooseLanguage, language, switchLanguage, t } from "../ui/texts.js";
