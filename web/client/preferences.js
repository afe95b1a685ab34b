/** What a person chose on this device: theme, language, notifications. Kept by the browser where it keeps anything. */

import { computed, effect, signal } from "../ui/view.js";
import { LANGUAGES, chooseLanguage, language, locale, switchLanguage } from "../ui/texts.js";
import { explainFailedLoad } from "./release.js";

/** @typedef {"system" | "light" | "dark"} Theme */
/** @typedef {{ theme: Theme, language: import("../ui/i18n.js").Language | null, notifications: boolean }} Preferences */

const KEY = "chatapp.preferences";

/** @type {Preferences} */
const DEFAULTS = { theme: "system", language: null, notifications: false };

/** @type {readonly Theme[]} */
export const THEMES = ["system", "light", "dark"];

/** @returns {Preferences}  the defaults for what is missing or not understood */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return {
      theme: THEMES.find((theme) => theme === kept.theme) ?? DEFAULTS.theme,
      language: LANGUAGES.find((code) => code === kept.language) ?? null,
      notifications: kept.notifications === true,
    };
  } catch {
    return DEFAULTS;  // no storage in this mode, or not our JSON
  }
}

export const preferences = signal(read());

/** @param {Partial<Preferences>} changes */
export function changePreferences(changes) {
  preferences.value = { ...preferences.value, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch {
    // Without storage, the choice holds until the page is closed.
  }
}

/**
 * Apply the preferences to the page, now and whenever they change, here or in another tab.
 *
 * @returns {Promise<void>} when the texts of the language are there; rejected if they cannot be loaded
 */
export async function applyPreferences() {
  addEventListener("storage", ({ key }) => {
    if (key === KEY) preferences.value = read();
  });
  const root = document.documentElement;
  effect(() => {
    const { theme } = preferences.value;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
  });
  effect(() => {
    root.lang = language.value === "sr" ? locale() : language.value;
  });
  const wanted = computed(() => preferences.value.language ?? chooseLanguage(navigator.languages));
  await switchLanguage(wanted.value);
  effect(() => {
    if (wanted.value !== language.value) switchLanguage(wanted.value).catch((error) => explainFailedLoad(error));
  });
}
