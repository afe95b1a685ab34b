/** The moderators' page at /admin: reports, people, statistics, log. */

import { applyPreferences } from "../client/preferences.js";
import { h, html, render } from "../ui/view.js";
import { Boundary } from "../ui/boundary.js";
import { Log } from "./log.js";
import { People } from "./people.js";
import { SECTIONS, addressOf, place } from "./place.js";
import { Reports } from "./reports.js";
import { Statistics } from "./statistics.js";
import { t } from "./texts.js";

/** @typedef {import("./place.js").Section} Section */

const TITLES = /** @type {const} */ ({
  reports: "admin.reports", decided: "admin.decided", people: "admin.people", statistics: "admin.statistics", log: "admin.log",
});

/** @param {{ section: Section, id: number | null }} props */
function Content({ section, id }) {
  if (section === "people") return h(People, {});
  if (section === "statistics") return h(Statistics, {});
  if (section === "log") return h(Log, {});
  return h(Reports, { key: section, state: section === "decided" ? "decided" : "open", section, id });
}

function Page() {
  const { section, id } = place.value;
  return html`
    <div class="admin">
      <header class="admin-head">
        <h1>${t("admin.title")}</h1>
        <nav class="admin-nav" aria-label=${t("admin.title")}>
          ${SECTIONS.map((name) => html`<a key=${name} href=${addressOf(name)} aria-current=${name === section ? "page" : undefined}>${t(TITLES[name])}</a>`)}
        </nav>
        <a class="admin-out" href="/chat">${t("admin.chats")}</a>
      </header>
      <main class="admin-main">${h(Boundary, { name: "admin", key: section }, h(Content, { section, id }))}</main>
    </div>`;
}

async function start() {
  await applyPreferences();  // theme and language, as chosen in the client
  document.title = t("admin.title");
  const root = document.getElementById("app") ?? document.body;
  render(h(Page, {}), root);
}

start().catch(reportError);
