/** Words for what the server names by codes. A code of a newer server is shown as it is. */

import { t } from "./texts.js";

const REASONS = ["spam", "fraud", "harassment", "hate", "violence", "sexual", "illegal", "other"];
const ACTIONS = ["dismiss", "remove_message", "warn", "ban", "shadow_ban", "unban", "ban_ended", "moderator_added", "moderator_removed"];

/** @param {string} reason */
export const reasonText = (reason) => (REASONS.includes(reason) ? t(/** @type {import("../ui/texts.js").Key} */ (`admin.reason_${reason}`)) : reason);

/** @param {string} action */
export const actionText = (action) => (ACTIONS.includes(action) ? t(/** @type {import("../ui/texts.js").Key} */ (`admin.action_${action}`)) : action);
