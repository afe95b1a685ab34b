/** My picture, and the menu behind it: settings, theme, language, log-out. */

import { Avatar } from "../ui/avatar.js";
import { LANGUAGES, LANGUAGE_NAMES, language, t } from "../ui/i18n.js";
import { Menu } from "../ui/menu.js";
import { h, html, useRef, useState } from "../ui/view.js";
import { THEMES, changePreferences, preferences } from "./preferences.js";
import { useStore } from "./store.js";

/** @typedef {"main" | "theme" | "language"} MenuPage */

export function AccountButton() {
  const store = useStore();
  const account = store.account.value;
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const [page, setPage] = useState(/** @type {MenuPage | null} */ (null));
  const name = account?.name || account?.username || "";
  return html`
    <button ref=${button} type="button" class="account-button" aria-haspopup="menu" aria-expanded=${page !== null}
      aria-label=${t("shell.account_menu", { name })} data-testid="account-menu" onClick=${() => setPage(page ? null : "main")}>
      ${h(Avatar, { id: account?.id ?? 0, name, picture: account?.picture_url, size: 36 })}
    </button>
    ${page && button.current && h(Menu, {
      key: page, label: t("shell.account_menu", { name }), anchor: button.current, items: itemsOf(store, page, setPage), onClose: () => setPage(null),
    }, page === "main"
      ? html`
        <div class="menu-person">
          <span class="menu-person-name" dir="auto">${name}</span>
          <span class="menu-person-mail">${account ? account.email || `@${account.username}` : ""}</span>
        </div>`
      : html`<div class="menu-title" aria-hidden="true">${t(`settings.${page}`)}</div>`)}`;
}

/**
 * @param {import("./store.js").Store} store
 * @param {MenuPage} page
 * @param {(page: MenuPage) => void} setPage
 * @returns {import("../ui/menu.js").MenuEntry[]}
 */
function itemsOf(store, page, setPage) {
  if (page === "theme") {
    return THEMES.map((theme) => ({
      label: t(`settings.theme_${theme}`), isChecked: preferences.value.theme === theme, run: () => changePreferences({ theme }),
    }));
  }
  if (page === "language") {
    return LANGUAGES.map((code) => ({
      label: LANGUAGE_NAMES[code], isChecked: language.value === code, run: () => changePreferences({ language: code }),
    }));
  }
  const isModerator = store.session.value?.roles?.includes("moderator") ?? false;
  /** @type {import("../ui/menu.js").MenuEntry[]} */
  const moderation = isModerator ? [{ label: t("shell.moderation"), icon: "flag", testId: "open-admin", run: () => location.assign("/admin") }] : [];
  return [
    ...moderation,
    { label: t("settings.title"), icon: "settings", testId: "open-settings", run: () => store.router.go({ name: "settings" }) },
    { label: t("settings.theme"), icon: "moon", testId: "choose-theme", run: () => setPage("theme") },
    { label: t("settings.language"), icon: "globe", testId: "choose-language", run: () => setPage("language") },
    "line",
    { label: t("shell.log_out"), icon: "logout", testId: "log-out", run: () => { void store.attempt(store.client.auth.logout()); } },
  ];
}
