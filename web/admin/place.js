/** Where the moderator is: `#reports`, `#reports/17`, `#decided`, `#people`, `#statistics`, `#log`. */

import { signal } from "../ui/view.js";

/** @typedef {"reports" | "decided" | "people" | "statistics" | "log"} Section */

/** @type {readonly Section[]} */
export const SECTIONS = ["reports", "decided", "people", "statistics", "log"];

/** @returns {{ section: Section, id: number | null }} */
function parse() {
  const [name, rest] = location.hash.slice(1).split("/");
  const section = SECTIONS.find((known) => known === name) ?? "reports";
  const id = /^\d{1,16}$/.test(rest ?? "") ? Number(rest) : null;
  return { section, id };
}

export const place = signal(parse());
addEventListener("hashchange", () => { place.value = parse(); });

/** @param {Section} section @param {number | null} [id] */
export const addressOf = (section, id = null) => `#${section}${id === null ? "" : `/${id}`}`;
