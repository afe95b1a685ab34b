/** Begin a chat with a person, or a group. */

import { Avatar } from "../../ui/avatar.js";
import { Dialog } from "../../ui/dialog.js";
import { Icon } from "../../ui/icons.js";
import { t } from "../../ui/i18n.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";
import { useStore } from "../store.js";
import { UsernameChoice, toggled } from "./username-choice.js";
import { fold } from "./highlighted.js";

/** @typedef {import("../../sdk/index.js").OtherPerson} OtherPerson */

/** Bounds of the server. */
const TITLE_LIMIT = 100;
const NAME_LIMIT = 64;

/**
 * The people I have chats with, those of the latest chats first.
 *
 * @param {import("../store.js").Store} store
 */
function knownPeople(store) {
  /** @type {Map<number, OtherPerson>} */
  const people = new Map();
  for (const name of /** @type {const} */ (["active", "snoozed", "archived"])) {
    for (const chatId of store.lists[name].value) {
      const other = store.client.state.chat(chatId)?.other_user;
      if (other && !people.has(other.id)) people.set(other.id, other);
    }
  }
  return [...people.values()];
}

/** @param {{ onClose: () => void }} props */
export function NewChatDialog({ onClose }) {
  const store = useStore();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState(/** @type {readonly (number | string)[]} */ ([]));
  const [title, setTitle] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [isGroup, setGroup] = useState(false);
  const titleField = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => titleField.current?.focus(), [isGroup]);
  const wanted = fold(name.trim());
  const people = knownPeople(store).filter((person) => fold(person.name).includes(wanted));

  const finish = async (/** @type {Promise<number>} */ creation) => {
    setBusy(true);
    const chatId = await store.attempt(creation);
    setBusy(false);
    if (chatId === undefined) return;
    onClose();
    store.select(chatId);
  };
  const openDirect = () => finish(store.client.openDirect(name.trim()));
  const createGroup = () => finish(store.client.groups.create(title.trim(), chosen).then((group) => group.id));
  const toggle = (/** @type {number | string} */ user) => setChosen(toggled(chosen, user));
  const choose = (/** @type {OtherPerson} */ person) => {
    if (isGroup) toggle(person.id);
    else void finish(openWith(store, person.id));
  };
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (isBusy) return;
    if (isGroup) void createGroup();
    else if (name.trim()) void openDirect();
  };
  const canSubmit = isGroup ? title.trim() !== "" && chosen.length > 0 : name.trim() !== "";
  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="submit" form="new-chat" class="button is-primary" data-testid="start-chat" disabled=${!canSubmit || isBusy}>
      ${isGroup ? t("chats.create_group") : t("chats.start_chat")}
    </button>`;
  return h(Dialog, { title: t(isGroup ? "chats.new_group" : "chats.new_chat"), onClose, actions, testId: "new-chat-dialog" }, html`
    <form id="new-chat" class="new-chat" onSubmit=${submit}>
      ${isGroup && html`
        <label class="field"><span class="field-label">${t("chats.group_title")}</span>
          <input ref=${titleField} class="input" value=${title} maxlength=${TITLE_LIMIT} data-testid="group-title"
            onInput=${(/** @type {any} */ event) => setTitle(event.currentTarget.value)} /></label>`}
      <label class="field"><span class="field-label">${t(isGroup ? "chats.find_people" : "chats.username")}</span>
        <input class="input" value=${name} maxlength=${NAME_LIMIT} autocomplete="off" autocapitalize="none" spellcheck=${false} data-testid="new-chat-name"
          autofocus=${!isGroup} onInput=${(/** @type {any} */ event) => setName(event.currentTarget.value)} /></label>
      ${!isGroup && html`
        <button type="button" class="menu-item" data-testid="new-group" onClick=${() => setGroup(true)}>
          <span class="round-icon">${h(Icon, { name: "people" })}</span><span class="menu-label">${t("chats.new_group")}</span>
        </button>`}
      ${isGroup && h(UsernameChoice, { name: name.trim(), chosen, onToggle: (user) => { toggle(user); setName(""); } })}
      <ul class="people" aria-label=${t("chats.people")}>
        ${people.map((person) => html`
          <li key=${person.id}>
            <button type="button" class="menu-item" aria-pressed=${isGroup ? chosen.includes(person.id) : undefined} disabled=${isBusy}
              data-testid=${`person-${person.id}`} onClick=${() => choose(person)}>
              ${h(Avatar, { id: person.id, name: person.name, picture: person.picture_url, size: 36 })}
              <span class="menu-label" dir="auto">${person.name}</span>
              ${isGroup && chosen.includes(person.id) && h(Icon, { name: "check" })}
            </button>
          </li>`)}
      </ul>
      ${!people.length && isGroup && !wanted && html`<p class="empty-hint">${t("chats.nobody_known")}</p>`}
    </form>`);
}

/**
 * The direct chat with a person, or else the latest chat with them.
 *
 * @param {import("../store.js").Store} store
 * @param {number} userId
 */
async function openWith(store, userId) {
  const { state } = store.client;
  const ids = [...store.lists.active.value, ...store.lists.snoozed.value, ...store.lists.archived.value];
  const withThem = ids.filter((chatId) => state.chat(chatId)?.other_user?.id === userId);
  return withThem.find((chatId) => state.chat(chatId)?.kind === "direct") ?? /** @type {number} */ (withThem[0]);
}
