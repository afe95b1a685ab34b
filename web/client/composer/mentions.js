/** Mentions of members of a group: who is offered for `@ma`, and who is named in a finished text. */

/** What follows the last `@` before the caret; names have at most a few words. */
const PARTIAL = /(?:^|[\s(])@([^@\n]{0,40})$/u;
const OFFERED = 6;

/** @typedef {{ id: number, name: string, picture_url: string }} Person */

/**
 * The name that is being typed at the caret.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {{ query: string, start: number } | null}  start: of `@`
 */
export function findPartial(text, caret) {
  const match = PARTIAL.exec(text.slice(0, caret));
  if (!match) return null;
  const query = match[1] ?? "";
  return { query, start: caret - query.length - 1 };
}

/**
 * @param {readonly Person[]} members
 * @param {string} query
 * @param {number} me
 */
export function offerMembers(members, query, me) {
  const wanted = query.toLocaleLowerCase();
  const words = (/** @type {string} */ name) => [name, ...name.split(/\s+/u)].map((word) => word.toLocaleLowerCase());
  return members.filter(({ id, name }) => id !== me && words(name).some((word) => word.startsWith(wanted))).slice(0, OFFERED);
}

/**
 * Put a name where it is being typed.
 *
 * @param {string} text
 * @param {{ query: string, start: number }} partial
 * @param {string} name
 * @returns {{ text: string, caret: number }}
 */
export function completeMention(text, { query, start }, name) {
  const inserted = `@${name} `;
  return {
    text: text.slice(0, start) + inserted + text.slice(start + query.length + 1),
    caret: start + inserted.length,
  };
}

/**
 * Ids of the members whose name is in a text, of those that were chosen.
 *
 * @param {string} text
 * @param {readonly Person[]} chosen
 */
export function mentionedIn(text, chosen) {
  return [...new Set(chosen.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id))];
}
