/** Makes the language a signal: components that show texts render again when it changes. */

import { keepLanguageIn } from "./texts.js";
import { signal } from "./view.js";

keepLanguageIn(signal(/** @type {import("./texts.js").Language} */ ("en")));
