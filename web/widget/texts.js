/** The texts of the widget, of one language only: those of the client would be several times as much. */

import { provideTexts } from "../ui/texts.js";

provideTexts({}, {
  en: () => import("./languages/en.js"),
  ru: () => import("./languages/ru.js"),
  sr: () => import("./languages/sr.js"),
  th: () => import("./languages/th.js"),
});

export { chooseLanguage, language, switchLanguage, t } from "../ui/texts.js";
