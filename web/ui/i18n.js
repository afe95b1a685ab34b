/**
 * The texts of the client and of the log-in, of the chosen language only. The widget and the moderators' page have catalogues of
 * their own (`texts.js`).
 */

import "./live-language.js";
import { provideTexts } from "./texts.js";

export { LANGUAGES, LANGUAGE_NAMES, chooseLanguage, language, locale, switchLanguage, t } from "./texts.js";

/** @typedef {import("./texts.js").Language} Language */
/** @typedef {import("./texts.js").Key} Key */
/** @typedef {import("./texts.js").Text} Text */
/** @typedef {import("./texts.js").Catalogue} Catalogue */

provideTexts({}, {
  en: () => import("../i18n/en.js"),
  ru: () => import("../i18n/ru.js"),
  sr: () => import("../i18n/sr.js"),
  th: () => import("../i18n/th.js"),
});
