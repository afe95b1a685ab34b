/** The members of a group: roles, removing, adding. */

import { Avatar } from "../../ui/avatar.js";
import { Menu } from "../../ui/menu.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { ROLE_NAMES } from "../conversation/system-text.js";
import { useStore } from "../store.js";
import { openAddMembers } from "./add-members.js";

const PAGE = 50;

/**
 * @typedef {import("../../sdk/types.js").Member} Member
 * @typedef {import("../../sdk/types.js").GroupRole} GroupRole
 */

/**
 * Pages of members, read again when the group changes.
 *
 * @param {import("../store.js").Store} store
 * @param {import("../../sdk/types.js").ShownChat} chat
 */
function useMemberPages(store, chat) {
  const [members, setMembers] = useState(/** @type {readonly Member[] | null} */ (null));
  const [pages, setPages] = useState(1);
  const [hasMore, setMore] = useState(false);
  // A change of roles is a message of the group.
  const changed = store.revision(chat.id, "messages").value;
  const last = store.client.state.messages(chat.id).findLast(({ system }) => system)?.id ?? 0;
  useEffect(() => {
    const ended = new AbortController();
    void (async () => {
      /** @type {Member[]} */
      const read = [];
      let more = false;
      for (let page = 1; page <= pages; page += 1) {
        const answer = await store.attempt(store.client.groups.members(chat.id, { page, limit: PAGE, signal: ended.signal }));
        if (!answer || ended.signal.aborted) return;
        read.push(...answer.members);
        more = answer.has_more;
      }
      setMembers(read);
      setMore(more);
    })();
    return () => ended.abort();
  }, [chat.id, chat.member_count, last, pages]);
  void changed;
  return { members, hasMore, readMore: () => setPages(pages + 1) };
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../../sdk/types.js").ShownChat} chat
 * @param {Member} member
 * @returns {import("../../ui/menu.js").MenuEntry[]}
 */
function entriesFor(store, chat, member) {
  const { groups } = store.client;
  const isOwner = chat.role === "owner";
  const canRemove = isOwner || (chat.role === "admin" && member.role === "member");
  /** @param {GroupRole} role @param {import("../../ui/texts.js").Key} key */
  const toRole = (role, key) => isOwner && member.role !== role && {
    icon: /** @type {const} */ ("person"), label: t(key), run: () => void store.attempt(groups.changeRole(chat.id, member.id, role)),
  };
  return [
    toRole("owner", "details.make_owner"), toRole("admin", "details.make_admin"), toRole("member", "details.make_member"),
    canRemove && {
      icon: /** @type {const} */ ("trash"), label: t("details.remove_member"), isDangerous: true, testId: "remove-member",
      run: () => void store.attempt(groups.remove(chat.id, member.id)),
    },
  ].filter((entry) => entry !== false);
}

/** @param {{ chat: import("../../sdk/types.js").ShownChat }} props */
export function Members({ chat }) {
  const store = useStore();
  const { members, hasMore, readMore } = useMemberPages(store, chat);
  const [menu, setMenu] = useState(/** @type {{ member: Member, anchor: HTMLElement } | null} */ (null));
  const canAdd = chat.role === "owner" || chat.role === "admin";
  return html`
    <section class="details-section" aria-label=${t("details.members")}>
      <div class="section-head">
        <h3 class="section-title">${t("details.members")}</h3>
        ${canAdd && html`<button type="button" class="link-button" data-testid="add-members" onClick=${() => openAddMembers(store, chat, members ?? [])}>${t("details.add")}</button>`}
      </div>
      <ul class="person-list" data-testid="members">
        ${members?.map((member) => {
          const isMe = member.id === store.me;
          const canChange = !isMe && entriesFor(store, chat, member).length > 0;
          return html`
            <li key=${member.id} class="person-row">
              ${h(Avatar, { id: member.id, name: member.name, picture: member.picture_url, size: 36, isOnline: store.presence(member.id).value.isOnline })}
              <span class="person-texts">
                <span class="person-name" dir="auto">${isMe ? t("details.you", { name: member.name }) : member.name}</span>
                ${member.role !== "member" && html`<span class="person-detail">${t(ROLE_NAMES[member.role])}</span>`}
              </span>
              ${canChange && html`
                <button type="button" class="icon-button is-small" aria-haspopup="menu" aria-label=${t("details.change_member", { name: member.name })}
                  onClick=${(/** @type {MouseEvent} */ event) => setMenu({ member, anchor: /** @type {HTMLElement} */ (event.currentTarget) })}>${h(Icon, { name: "more", size: 18 })}</button>`}
            </li>`;
        })}
      </ul>
      ${hasMore && html`<button type="button" class="link-button" onClick=${readMore}>${t("details.more")}</button>`}
      ${menu && h(Menu, { label: t("details.change_member", { name: menu.member.name }), anchor: menu.anchor, items: entriesFor(store, chat, menu.member), onClose: () => setMenu(null) })}
    </section>`;
}
