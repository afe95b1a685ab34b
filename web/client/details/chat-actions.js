/** What can be done with a chat: mute, block, leave, delete. */

import { Confirmation } from "../../ui/dialog.js";
import { formatFull } from "../../ui/format.js";
import { Menu } from "../../ui/menu.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { blockChanges } from "../composer/blocked.js";
import { useStore } from "../store.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * @param {{
 *   icon: import("../../ui/icons.js").IconName, label: string, detail?: string, isDanger?: boolean, testId: string,
 *   onPress: (event: MouseEvent) => void,
 * }} props
 */
function ActionRow({ icon, label, detail, isDanger, testId, onPress }) {
  return html`
    <li>
      <button type="button" class=${isDanger ? "action-row is-danger" : "action-row"} data-testid=${testId} onClick=${onPress}>
        ${h(Icon, { name: icon })}
        <span class="action-texts"><span>${label}</span>${detail && html`<span class="action-detail">${detail}</span>`}</span>
      </button>
    </li>`;
}

/**
 * Whether I have blocked a user.
 *
 * @param {import("../store.js").Store} store
 * @param {number | undefined} userId
 * @returns {[boolean, (isBlocked: boolean) => void]}
 */
function useBlock(store, userId) {
  const [isBlocked, setBlocked] = useState(false);
  useEffect(() => {
    if (!userId) return;
    void store.attempt(store.client.blockStatus(userId)).then((status) => setBlocked(status?.is_blocked ?? false));
  }, [userId]);
  return [isBlocked, setBlocked];
}

/** @param {import("../../sdk/types.js").ShownChat} chat */
function muteDetail({ is_muted: isMuted, muted_until: until }) {
  if (!isMuted) return "";
  return until ? t("details.muted_until", { when: formatFull(until) }) : t("details.muted");
}

/** @param {{ chat: import("../../sdk/types.js").ShownChat }} props */
export function ChatActions({ chat }) {
  const store = useStore();
  const { client, screen } = store;
  const other = chat.kind === "group" ? undefined : chat.other_user;
  const [isBlocked, setBlocked] = useBlock(store, other?.id);
  const [muteAnchor, setMuteAnchor] = useState(/** @type {HTMLElement | null} */ (null));
  const isOwner = chat.role === "owner";
  const name = other?.name ?? chat.title ?? "";

  /** @param {import("../../ui/texts.js").Key} title @param {import("../../ui/texts.js").Key} text @param {import("../../ui/texts.js").Key} confirm @param {() => void} run */
  function confirm(title, text, confirm, run) {
    screen.openDialog((close) => h(Confirmation, {
      title: t(title, { name }), text: t(text, { name }), confirm: t(confirm), onConfirm: run, onClose: close, isDangerous: true,
    }));
  }

  /** @param {boolean} wanted */
  async function block(wanted) {
    const { id } = /** @type {{ id: number }} */ (other);
    const done = await store.attempt((wanted ? client.block(id) : client.unblock(id)).then(() => true));
    if (!done) return;
    setBlocked(wanted);
    blockChanges.value += 1;
  }

  /** @param {number | null} period  in ms; null for ever */
  function mute(period) {
    void store.attempt(client.mute(chat.id, period === null ? undefined : new Date(Date.now() + period).toISOString()));
  }

  return html`
    <ul class="details-actions">
      ${h(ActionRow, {
        icon: chat.is_muted ? "bell" : "mute", label: t(chat.is_muted ? "details.unmute" : "details.mute"), detail: muteDetail(chat), testId: "mute",
        onPress: (event) => chat.is_muted ? void store.attempt(client.unmute(chat.id)) : setMuteAnchor(/** @type {HTMLElement} */ (event.currentTarget)),
      })}
      ${other && h(ActionRow, {
        icon: "block", label: t(isBlocked ? "details.unblock" : "details.block", { name }), isDanger: !isBlocked, testId: "block",
        onPress: () => isBlocked ? void block(false) : confirm("details.block_title", "details.block_text", "details.block_confirm", () => void block(true)),
      })}
      ${chat.kind === "group" && h(ActionRow, {
        icon: "logout", label: t("details.leave"), isDanger: true, testId: "leave",
        onPress: () => confirm("details.leave_title", "details.leave_text", "details.leave", () => void store.attempt(client.groups.leave(chat.id))),
      })}
      ${(chat.kind !== "group" || isOwner) && h(ActionRow, {
        icon: "trash", label: t("details.delete"), isDanger: true, testId: "delete-chat",
        onPress: () => confirm("details.delete_title", "details.delete_text", "details.delete_confirm", () => void store.attempt(client.deleteChat(chat.id))),
      })}
    </ul>
    ${muteAnchor && h(Menu, {
      label: t("details.mute"), anchor: muteAnchor, onClose: () => setMuteAnchor(null), items: [
        { label: t("details.mute_hour"), run: () => mute(HOUR) }, { label: t("details.mute_day"), run: () => mute(DAY) },
        { label: t("details.mute_week"), run: () => mute(7 * DAY) }, { label: t("details.mute_ever"), run: () => mute(null) },
      ],
    })}`;
}
