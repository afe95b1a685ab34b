/** Choose people for a group: of those with a chat, or by username. */

import { Avatar } from "../../ui/avatar.js";
import { Dialog } from "../../ui/dialog.js";
import { t } from "../../ui/texts.js";
import { UsernameChoice, toggled } from "../chats/username-choice.js";
import { h, html, useEffect, useState } from "../../ui/view.js";

/** @typedef {import("../../sdk/types.js").OtherPerson} OtherPerson */

/** Keys come faster than answers: the search begins after this pause, in ms. */
const PAUSE = 200;

/**
 * The people of one's chats, each once.
 *
 * @param {import("../store.js").Store} store
 * @param {string} query
 * @returns {readonly OtherPerson[]}
 */
export function useAcquaintances(store, query) {
  const [ids, setIds] = useState(/** @type {readonly number[]} */ (store.client.state.list("active")));
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      if (!query.trim()) return setIds(store.client.state.list("active"));
      const chats = await store.attempt(store.client.listChats({ q: query.trim(), signal: ended.signal }));
      if (chats && !ended.signal.aborted) setIds(chats.map(({ id }) => id));
      return undefined;
    }, query ? PAUSE : 0);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [query]);
  const people = ids.flatMap((id) => store.client.state.chat(id)?.other_user ?? []);
  return [...new Map(people.map((person) => [person.id, person])).values()];
}

/**
 * @param {{
 *   people: readonly OtherPerson[], chosen: readonly (number | string)[], onToggle: (userId: number) => void,
 * }} props
 */
export function PeopleChoice({ people, chosen, onToggle }) {
  return html`
    <ul class="person-list is-scrolled">
      ${people.map((person) => html`
        <li key=${person.id}>
          <label class="person-row is-choice">
            <input type="checkbox" checked=${chosen.includes(person.id)} onChange=${() => onToggle(person.id)} data-testid=${`person-${person.id}`} />
            ${h(Avatar, { id: person.id, name: person.name, picture: person.picture_url, size: 36 })}
            <span class="person-texts"><span class="person-name" dir="auto">${person.name}</span></span>
          </label>
        </li>`)}
    </ul>`;
}

/**
 * @param {{
 *   store: import("../store.js").Store, chat: import("../../sdk/types.js").ShownChat, members: readonly { id: number }[], onClose: () => void,
 * }} props
 */
function AddMembersDialog({ store, chat, members, onClose }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(/** @type {readonly (number | string)[]} */ ([]));
  const known = new Set(members.map(({ id }) => id));
  const people = useAcquaintances(store, query).filter(({ id }) => !known.has(id));

  async function add() {
    if (await store.attempt(store.client.groups.add(chat.id, chosen))) onClose();
  }

  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="button" class="button is-primary" disabled=${!chosen.length} data-testid="add-chosen" onClick=${() => void add()}>${t("details.add")}</button>`;
  return h(Dialog, { title: t("details.add_title"), onClose, actions, testId: "add-members-dialog" }, html`
    <input type="search" class="input" placeholder=${t("details.search_people")} aria-label=${t("details.search_people")} value=${query}
      onInput=${(/** @type {InputEvent} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
    ${h(UsernameChoice, { name: query.trim(), chosen, onToggle: (user) => { setChosen(toggled(chosen, user)); setQuery(""); } })}
    ${h(PeopleChoice, { people, chosen, onToggle: (id) => setChosen(toggled(chosen, id)) })}
    ${!people.length && !query.trim() && html`<p class="dialog-text">${t("details.no_people")}</p>`}`);
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../../sdk/types.js").ShownChat} chat
 * @param {readonly { id: number }[]} members  who is in the group already
 */
export function openAddMembers(store, chat, members) {
  store.screen.openDialog((close) => h(AddMembersDialog, { store, chat, members, onClose: close }));
}
