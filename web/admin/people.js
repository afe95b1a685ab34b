/** Users: finding, banning, ending a ban. */

import { h, html, useEffect, useState } from "../ui/view.js";
import { Avatar } from "../ui/avatar.js";
import { Dialog } from "../ui/dialog.js";
import { formatFull } from "../ui/format.js";
import { reasonOf } from "./loading.js";
import { ban, findPeople, unban } from "./requests.js";
import { t } from "./texts.js";

/** @typedef {import("./requests.js").Person} Person */

/** @param {import("./requests.js").Ban} found */
function banText(found) {
  if (found.is_shadow) return t("admin.shadow_banned");
  return found.until ? t("admin.banned_until", { time: formatFull(found.until) }) : t("admin.banned");
}

/** @param {{ person: Person, onClose: () => void, onDone: () => void }} props */
function BanDialog({ person, onClose, onDone }) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const run = async (/** @type {boolean} */ isShadow) => {
    try {
      await ban(person.id, { reason, until: until ? new Date(until).toISOString() : null, is_shadow: isShadow });
      onDone();
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };
  const value = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;
  const actions = html`
    <button type="button" class="button" data-testid="shadow-ban" onClick=${() => run(true)}>${t("admin.action_shadow_ban")}</button>
    <button type="button" class="button is-danger" data-testid="ban" onClick=${() => run(false)}>${t("admin.action_ban")}</button>`;
  return h(Dialog, { title: person.name || person.username, onClose, actions, class: "is-small", testId: "ban-dialog" }, html`
    <div class="admin-ban-fields">
      <label class="field"><span class="field-label">${t("admin.reason")}</span>
        <input class="input" maxlength="500" value=${reason} data-testid="ban-reason" onInput=${(/** @type {Event} */ event) => setReason(value(event))} /></label>
      <label class="field"><span class="field-label">${t("admin.until")}</span>
        <input class="input" type="datetime-local" value=${until} onInput=${(/** @type {Event} */ event) => setUntil(value(event))} /></label>
      ${failure && html`<p class="field-error" role="alert">${failure}</p>`}
    </div>`);
}

/** @param {{ person: Person, onBan: () => void, onUnban: () => void }} props */
function Row({ person, onBan, onUnban }) {
  return html`
    <li class="admin-person" data-testid=${`person-${person.id}`}>
      ${h(Avatar, { id: person.id, name: person.name || person.username, picture: person.picture_url, size: 40 })}
      <span class="admin-person-names"><strong dir="auto">${person.name || person.username}</strong>
        <span class="admin-person-more">${person.username} · #${person.id}${person.email ? ` · ${person.email}` : ""}</span>
        ${person.ban && html`<span class="admin-person-ban">${banText(person.ban)}${person.ban.reason && `: ${person.ban.reason}`}</span>`}
      </span>
      ${person.is_moderator ? html`<span class="admin-person-more">${t("admin.moderator")}</span>` : html`
        <button type="button" class="button" onClick=${person.ban ? onUnban : onBan}>${t(person.ban ? "admin.action_unban" : "admin.action_ban")}</button>`}
    </li>`;
}

export function People() {
  const [q, setQuery] = useState("");
  const [asked, setAsked] = useState("");
  const [people, setPeople] = useState(/** @type {Person[] | null} */ (null));
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {Person | null} */ (null));
  const find = async (/** @type {string} */ wanted) => {
    setAsked(wanted);
    try {
      setPeople((await findPeople(wanted)).people);
      setFailure(null);
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };
  // Without a text the server lists who is banned.
  useEffect(() => { void find(""); }, []);
  const again = () => find(asked);
  const end = (/** @type {Person} */ person) => unban(person.id, "").then(again, (error) => setFailure(reasonOf(error)));
  return html`
    <section class="admin-people">
      <form class="admin-people-search" role="search" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); void find(q.trim()); }}>
        <input class="input" type="search" value=${q} maxlength="100" placeholder=${t("admin.search_people")} aria-label=${t("admin.search_people")}
          data-testid="people-search" onInput=${(/** @type {Event} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
        <button type="submit" class="button is-primary">${t("admin.search")}</button>
      </form>
      ${failure && html`<p class="field-error" role="alert">${failure}</p>`}
      ${people && people.length === 0 && html`<p class="admin-note" role="status">${t(asked ? "admin.no_person" : "admin.none_banned")}</p>`}
      <ul class="admin-people-list">
        ${people?.map((person) => h(Row, { key: person.id, person, onBan: () => setChosen(person), onUnban: () => { void end(person); } }))}
      </ul>
      ${chosen && h(BanDialog, { person: chosen, onClose: () => setChosen(null), onDone: () => { setChosen(null); void again(); } })}
    </section>`;
}
