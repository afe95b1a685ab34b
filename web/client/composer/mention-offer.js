/** The members that are offered while a name is typed after `@`. */

import { Avatar } from "../../ui/avatar.js";
import { t } from "../../ui/texts.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";

/**
 * The members of a group, read when they are first needed.
 *
 * @param {import("../conversation/model.js").Conversation} conversation
 * @param {boolean} isNeeded
 */
export function useMembers(conversation, isNeeded) {
  const [members, setMembers] = useState(/** @type {readonly import("../../sdk/types.js").Member[]} */ ([]));
  const isRead = useRef(false);
  useEffect(() => {
    if (!isNeeded || isRead.current) return;
    isRead.current = true;
    void conversation.store.attempt(conversation.client.groups.members(conversation.chatId, { limit: 100 })).then((page) => {
      if (page) setMembers(page.members);
      else isRead.current = false;
    });
  }, [isNeeded]);
  return members;
}

/**
 * @param {{
 *   id: string,
 *   people: readonly import("./mentions.js").Person[],
 *   active: number,
 *   onChoose: (person: import("./mentions.js").Person) => void,
 * }} props  active: index of the one that Enter chooses
 */
export function MentionOffer({ id, people, active, onChoose }) {
  return html`
    <ul class="mention-offer" id=${id} role="listbox" aria-label=${t("composer.mention")}>
      ${people.map((person, place) => html`
        <li key=${person.id} id=${`${id}-${place}`} role="option" aria-selected=${place === active} class=${place === active ? "mention-option is-active" : "mention-option"}
          onMouseDown=${(/** @type {MouseEvent} */ event) => { event.preventDefault(); onChoose(person); }}>
          ${h(Avatar, { id: person.id, name: person.name, picture: person.picture_url, size: 28 })}
          <span dir="auto">${person.name}</span>
        </li>`)}
    </ul>`;
}
