/** Switch notifications of the browser on, which asks the person, or off. */

import { t } from "../../ui/i18n.js";
import { askToNotify } from "../notifications.js";
import { changePreferences } from "../preferences.js";

/**
 * @param {import("../store.js").Store} store
 * @param {boolean} wanted
 */
export async function switchNotifications(store, wanted) {
  const isAllowed = wanted && (await askToNotify());
  changePreferences({ notifications: isAllowed });
  // Once refused, only the settings of the browser can allow them.
  if (wanted && !isAllowed) store.screen.showToast(t("settings.notifications_blocked"), { tone: "error" });
}
