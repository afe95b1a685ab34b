/** The texts of the widget in Russian. */

import { texts as assistant } from "../../i18n/ru/assistant.js";
import { texts as ui } from "../../i18n/ru/ui.js";
import { texts as widget } from "../../i18n/ru/widget.js";

export const texts = { ...assistant, ...ui, ...widget };
