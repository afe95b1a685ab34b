import { Avatar } from "../../ui/avatar.js";
import { t } from "../../ui/i18n.js";
import { h, html } from "../../ui/view.js";
import { useStore } from "../store.js";
import { LoadFailed, useLoaded } from "./loading.js";

/** The people I have blocked, and the way to let them write again. */
export function BlockedPeople() {
  const store = useStore();
  const { value, failed, replace, reload } = useLoaded(() => store.client.listBlocks());
  if (failed) return h(LoadFailed, { onReload: reload });
  if (!value) return html`<p class="setting-row setting-hint" role="status">${t("chats.loading")}</p>`;
  if (!value.length) return html`<p class="setting-row setting-hint">${t("settings.nobody_blocked")}</p>`;
  const unblock = async (/** @type {number} */ userId) => {
    const left = value.filter((person) => person.id !== userId);
    await store.attempt(store.client.unblock(userId).then(() => replace(left)));
  };
  return html`
    <ul>
      ${value.map((person) => html`
        <li key=${person.id} class="setting-row">
          ${h(Avatar, { id: person.id, name: person.name, picture: person.picture_url, size: 36 })}
          <span class="setting-texts" dir="auto">${person.name}</span>
          <button type="button" class="button" onClick=${() => unblock(person.id)}>${t("settings.unblock")}</button>
        </li>`)}
    </ul>`;
}
