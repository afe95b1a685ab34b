/** The texts of the widget in English. */

import { texts as assistant } from "../../i18n/en/assistant.js";
import { texts as ui } from "../../i18n/en/ui.js";
import { texts as widget } from "../../i18n/en/widget.js";

export const texts = { ...assistant, ...ui, ...widget };
