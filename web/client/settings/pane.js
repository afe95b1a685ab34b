/** Settings: look, language, notifications, privacy, blocked people, my data. */

import { Icon } from "../../ui/icons.js";
import { LANGUAGES, LANGUAGE_NAMES, language, t } from "../../ui/i18n.js";
import { h, html } from "../../ui/view.js";
import { canNotify } from "../notifications.js";
import { THEMES, changePreferences, preferences } from "../preferences.js";
import { useStore } from "../store.js";
import { BlockedPeople } from "./blocked-people.js";
import { ChoiceRow, Section, SwitchRow } from "./controls.js";
import { DataExport } from "./data-export.js";
import { switchNotifications } from "./notification-setting.js";
import { Privacy } from "./privacy.js";

export function SettingsPane() {
  const store = useStore();
  return html`
    <div class="settings" data-testid="settings">
      <header class="settings-head">
        <button type="button" class="icon-button" aria-label=${t("shell.back")} data-pane-entry onClick=${() => store.router.back()}>
          ${h(Icon, { name: "back" })}
        </button>
        <h1>${t("settings.title")}</h1>
      </header>
      <div class="settings-scroller" tabindex="-1">
        <div class="settings-column">
          ${h(Section, { title: t("settings.look") },
            h(ChoiceRow, {
              label: t("settings.theme"), testId: "theme", value: preferences.value.theme,
              options: THEMES.map((theme) => ({ value: theme, label: t(`settings.theme_${theme}`) })),
              onChange: (/** @type {string} */ theme) => changePreferences({ theme: THEMES.find((known) => known === theme) ?? "system" }),
            }),
            h(ChoiceRow, {
              label: t("settings.language"), testId: "language", value: language.value,
              options: LANGUAGES.map((code) => ({ value: code, label: LANGUAGE_NAMES[code], lang: code })),
              onChange: (/** @type {string} */ code) => changePreferences({ language: LANGUAGES.find((known) => known === code) ?? "en" }),
            }))}
          ${h(Section, { title: t("settings.notifications") }, h(SwitchRow, {
            label: t("settings.notifications_browser"), testId: "browser-notifications", isDisabled: !canNotify(),
            hint: canNotify() ? t("settings.notifications_hint") : t("settings.notifications_missing"),
            isOn: preferences.value.notifications, onChange: (isOn) => { void switchNotifications(store, isOn); },
          }))}
          ${h(Section, { title: t("settings.privacy") }, h(Privacy, {}))}
          ${h(Section, { title: t("settings.blocked") }, h(BlockedPeople, {}))}
          ${h(Section, { title: t("settings.data") }, h(DataExport, {}))}
        </div>
      </div>
    </div>`;
}
