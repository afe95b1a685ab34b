/** The texts of the widget in Serbian. */

import { texts as assistant } from "../../i18n/sr/assistant.js";
import { texts as ui } from "../../i18n/sr/ui.js";
import { texts as widget } from "../../i18n/sr/widget.js";

export const texts = { ...assistant, ...ui, ...widget };
