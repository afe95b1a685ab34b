/** The texts of the widget in Thai. */

import { texts as assistant } from "../../i18n/th/assistant.js";
import { texts as ui } from "../../i18n/th/ui.js";
import { texts as widget } from "../../i18n/th/widget.js";

export const texts = { ...assistant, ...ui, ...widget };
