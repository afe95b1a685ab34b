/** What happened to a group, as a sentence. */

import { formatList } from "../../ui/format.js";
import { t } from "../../ui/texts.js";

/** @type {Record<import("../../sdk/types.js").GroupRole, import("../../ui/texts.js").Key>} */
export const ROLE_NAMES = { owner: "details.role_owner", admin: "details.role_admin", member: "details.role_member" };

/**
 * @param {import("../../sdk/types.js").SystemNote} note
 * @param {string} name  of the person who did it
 */
export function describeSystemNote(note, name) {
  const named = (note.users ?? []).map((user) => user.name);
  const others = (note.count ?? named.length) - named.length;
  const users = formatList(others > 0 ? [...named, t("system.others", { count: others })] : named);
  switch (note.event) {
    case "created": return t("system.created", { name, title: note.title ?? "" });
    case "member_added": return t("system.member_added", { name, users });
    case "member_removed": return t("system.member_removed", { name, users });
    case "left": return t("system.left", { name });
    case "role_changed": return t("system.role_changed", { name, users, role: t(ROLE_NAMES[note.role ?? "member"]) });
    case "title_changed": return t("system.title_changed", { name, title: note.title ?? "" });
    case "picture_changed": return t("system.picture_changed", { name });
    // A newer server may know more events.
    default: return t("system.unknown", { name });
  }
}
