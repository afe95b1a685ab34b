/** Title and picture of a group, which its owners and admins change. */

import { Avatar } from "../../ui/avatar.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useState } from "../../ui/view.js";
import { titleOf } from "../conversation/head.js";
import { useStore } from "../store.js";

/** Characters of a title. */
const TITLE_LIMIT = 100;

/** Ask for one picture of the device. @returns {Promise<File | null>} null if the person chose none */
function choosePicture() {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "image/jpeg,image/png,image/gif,image/webp";
    input.addEventListener("change", () => resolve(input.files?.[0] ?? null), { once: true });
    input.addEventListener("cancel", () => resolve(null), { once: true });
    input.click();
  });
}

/** @param {{ chat: import("../../sdk/types.js").ShownChat, onEnd: () => void }} props */
function TitleForm({ chat, onEnd }) {
  const store = useStore();
  const [title, setTitle] = useState(chat.title ?? "");

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted && wanted !== chat.title && !await store.attempt(store.client.groups.update(chat.id, { title: wanted }))) return;
    onEnd();
  }

  return html`
    <form class="title-form" onSubmit=${submit}>
      <input class="input" type="text" maxlength=${TITLE_LIMIT} required value=${title} aria-label=${t("details.group_title")} data-testid="group-title" autofocus
        onInput=${(/** @type {InputEvent} */ event) => setTitle(/** @type {HTMLInputElement} */ (event.currentTarget).value)}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          onEnd();
        }} />
      <button type="submit" class="icon-button" aria-label=${t("details.save")} data-testid="save-title">${h(Icon, { name: "check" })}</button>
    </form>`;
}

/** @param {{ chat: import("../../sdk/types.js").ShownChat }} props */
export function GroupHead({ chat }) {
  const store = useStore();
  const [isEditing, setEditing] = useState(false);
  const [isUploading, setUploading] = useState(false);
  const canChange = chat.role === "owner" || chat.role === "admin";

  async function changePicture() {
    const file = await choosePicture();
    if (!file) return;
    setUploading(true);
    await store.attempt(store.client.upload(file).stored.then((picture) => store.client.groups.update(chat.id, { picture })));
    setUploading(false);
  }

  return html`
    <div class="details-head">
      <span class=${isUploading ? "details-picture is-busy" : "details-picture"} aria-busy=${isUploading}>
        ${h(Avatar, { id: chat.id, name: titleOf(chat), picture: chat.picture_url, size: 88 })}
        ${canChange && html`<button type="button" class="picture-change" aria-label=${t("details.change_picture")} title=${t("details.change_picture")} onClick=${() => void changePicture()}>${h(Icon, { name: "photo", size: 18 })}</button>`}
      </span>
      ${isEditing ? h(TitleForm, { chat, onEnd: () => setEditing(false) }) : html`
        <h3 class="details-name" dir="auto">${titleOf(chat)}
          ${canChange && html`<button type="button" class="icon-button is-small" aria-label=${t("details.change_title")} data-testid="change-title" onClick=${() => setEditing(true)}>${h(Icon, { name: "edit", size: 16 })}</button>`}
        </h3>`}
      <p class="details-status">${t("conversation.members", { count: chat.member_count ?? 0 })}</p>
      ${canChange && chat.picture_url && html`<button type="button" class="link-button" onClick=${() => void store.attempt(store.client.groups.update(chat.id, { picture: null }))}>${t("details.remove_picture")}</button>`}
    </div>`;
}
